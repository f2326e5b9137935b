package dev.sallyport.source.file;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes up when something changes in one of a set of directories, or when nothing was heard for a while: not every file system tells (network and
 * shared mounts do not). For one thread, but {@link #close} may come from another.
 */
final class DirectoryWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);
    private static final WatchEvent.Kind<?>[] EVERYTHING = {
        StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_DELETE
    };

    private final FileSourceConfig config;
    private final @Nullable WatchService service;
    private final Map<Path, WatchKey> keys = new HashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean complained;

    private DirectoryWatch(FileSourceConfig config, @Nullable WatchService service) {
        this.config = config;
        this.service = service;
    }

    /** A watch of nothing yet. Where the system has none to give, what comes back only looks at intervals. */
    static DirectoryWatch open(FileSourceConfig config) {
        try {
            return new DirectoryWatch(config, FileSystems.getDefault().newWatchService());
        } catch (IOException e) {
            LOG.warn("cannot watch files ({}); they are read every {}", FileErrors.describe(e), config.poll());
            return new DirectoryWatch(config, null);
        }
    }

    /** Watches exactly these directories from now on. True: one of them is new, and what changed in it before this call was not heard. */
    boolean watch(Set<Path> directories) {
        if (service == null) {
            return false;
        }
        for (Iterator<Map.Entry<Path, WatchKey>> known = keys.entrySet().iterator(); known.hasNext(); ) {
            Map.Entry<Path, WatchKey> entry = known.next();
            if (!directories.contains(entry.getKey())) {
                known.remove();
                if (!keys.containsValue(entry.getValue())) {
                    entry.getValue().cancel();
                }
            }
        }
        boolean added = false;
        for (Path directory : directories) {
            added |= add(service, directory);
        }
        return added;
    }

    private boolean add(WatchService service, Path directory) {
        try {
            // Two paths of one directory share a key, and a directory that was made anew gets a new one.
            WatchKey key = directory.register(service, EVERYTHING);
            WatchKey before = keys.put(directory, key);
            return before != key;
        } catch (NoSuchFileException | NotDirectoryException e) {
            keys.remove(directory);
            return false;
        } catch (IOException e) {
            if (!complained) {
                complained = true;
                LOG.warn("cannot watch {} ({}); it is read every {}", directory, FileErrors.describe(e), config.poll());
            }
            return false;
        }
    }

    /** Returns when it is time to look: after a change and the quiet that follows it, or after the poll interval. False: closed. */
    boolean await() throws InterruptedException {
        if (service == null) {
            return !closed.await(config.poll().toMillis(), TimeUnit.MILLISECONDS);
        }
        try {
            WatchKey key = service.poll(config.poll().toMillis(), TimeUnit.MILLISECONDS);
            if (key != null) {
                drain(service, key);
            }
            return closed.getCount() > 0;
        } catch (ClosedWatchServiceException e) {
            return false;
        }
    }

    /** One edit is several events, and a file that is written in place is empty for a moment. */
    private void drain(WatchService service, WatchKey first) throws InterruptedException {
        long start = System.nanoTime();
        Duration longest = config.quiet().multipliedBy(FileSourceConfig.QUIETS_AT_MOST);
        for (WatchKey key = first; key != null; ) {
            key.pollEvents().clear();
            if (!key.reset()) {
                key.cancel();
            }
            boolean patient = System.nanoTime() - start < longest.toNanos();
            key = patient ? service.poll(config.quiet().toMillis(), TimeUnit.MILLISECONDS) : null;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        if (service != null) {
            try {
                service.close();
            } catch (IOException e) {
                LOG.debug("closing the file watch: {}", FileErrors.describe(e));
            }
        }
    }
}
