package dev.sallyport.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lines of a sidecar's access log, in a file. For one thread at a time. */
final class AccessLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

    private @Nullable BufferedWriter writer;

    private AccessLog(@Nullable BufferedWriter writer) {
        this.writer = writer;
    }

    /** Appends to that file; without one, lines go nowhere. */
    static AccessLog to(Optional<Path> file) throws IOException {
        if (file.isEmpty()) {
            return new AccessLog(null);
        }
        try {
            return new AccessLog(Files.newBufferedWriter(
                    file.get(), StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw new UserError("--access-log " + Errors.describe(e));
        }
    }

    synchronized void append(String line) {
        if (writer == null) {
            return;
        }
        try {
            writer.write(line);
            writer.newLine();
            writer.flush();
        } catch (IOException e) {
            LOG.warn("the access log is not written any more: {}", Errors.describe(e));
            writer = null;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        if (writer != null) {
            writer.close();
        }
    }
}
