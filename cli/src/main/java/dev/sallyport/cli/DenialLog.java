package dev.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The refusals of a run, for {@code sallyport denials}: lines of the access log in a file that is replaced when it has grown, so that a hostile command cannot fill the disk. For one thread. */
final class DenialLog {
    private static final Logger LOG = LoggerFactory.getLogger(DenialLog.class);
    private static final long LARGEST = 8L << 20;

    private final Path file;
    private long size;
    private boolean failed;

    /** A file of its own, readable by its owner only. */
    DenialLog(Path file) throws IOException {
        this.file = file;
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        this.size = Files.size(file);
    }

    /** Appends one line, given without its end. */
    void append(String line) {
        if (failed) {
            return;
        }
        try {
            if (size > LARGEST) {
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                size = 0;
            }
            Files.writeString(file, line + "\n", StandardOpenOption.APPEND);
            size += line.length() + 1;
        } catch (IOException e) {
            failed = true;
            LOG.warn("denials are not kept any more: {}", Errors.describe(e));
        }
    }
}
