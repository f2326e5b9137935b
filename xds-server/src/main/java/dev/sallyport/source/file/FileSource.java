package dev.sallyport.source.file;

import dev.sallyport.source.PolicySource;
import dev.sallyport.source.SourceState;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Policies, Secrets and ConfigMaps from files, watched: an edit is handed on well under a second after it, as one complete state. Files may be missing at first, be replaced by rename, and vanish. What cannot be read denies,
 * except that Secrets and ConfigMaps of a directory keep their last good values while a read fails.
 */
public final class FileSource implements PolicySource {
    private static final Logger LOG = LoggerFactory.getLogger(FileSource.class);

    private final FileSourceConfig config;
    private @Nullable DirectoryWatch watch;
    private @Nullable Thread thread;

    public FileSource(FileSourceConfig config) {
        this.config = config;
    }

    /** Reads everything once, for commands that look and leave. */
    public static SourceState read(FileSourceConfig config) {
        return new StateReader(config).read().state();
    }

    @Override
    public synchronized void start(Consumer<SourceState> sink) {
        if (thread != null) {
            throw new IllegalStateException("started twice");
        }
        DirectoryWatch opened = DirectoryWatch.open(config);
        Thread started = new Thread(() -> run(opened, sink), "sallyport-files");
        started.setDaemon(true);
        watch = opened;
        thread = started;
        started.start();
    }

    private void run(DirectoryWatch watched, Consumer<SourceState> sink) {
        StateReader reader = new StateReader(config);
        try {
            do {
                try {
                    readAndHandOn(reader, watched, sink);
                } catch (RuntimeException e) {
                    LOG.error("reading files failed; what was read before stays in force", e);
                }
            } while (watched.await());
        } catch (InterruptedException e) {
            LOG.debug("stopped", e);
        }
    }

    private static void readAndHandOn(StateReader reader, DirectoryWatch watched, Consumer<SourceState> sink) {
        StateReader.Reading reading = reader.read();
        // Whatever changed in a directory before it was watched was not heard.
        while (watched.watch(reading.directories())) {
            StateReader.Reading again = reader.read();
            reading = new StateReader.Reading(again.state(), reading.changed() || again.changed(), again.directories());
        }
        if (reading.changed()) {
            sink.accept(reading.state());
        }
    }

    /** After it the sink is not called any more. */
    @Override
    public synchronized void close() {
        if (watch == null || thread == null) {
            return;
        }
        watch.close();
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
