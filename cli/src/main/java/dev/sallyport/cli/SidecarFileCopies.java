package dev.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a sidecar reads, copied to where it can, as another user; the copies follow the originals. */
final class SidecarFileCopies implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SidecarFileCopies.class);
    /** A token is replaced half of its life, half an hour, before it ends. */
    private static final long PERIOD_SECONDS = 5;

    private final SidecarFiles originals;
    private final SidecarFiles copies;
    private final int uid;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "sidecar-files");
        thread.setDaemon(true);
        return thread;
    });

    SidecarFileCopies(SidecarFiles originals, Path directory, int uid) {
        this.originals = originals;
        this.copies = new SidecarFiles(directory.resolve("token"), directory.resolve("xds-ca.pem"), directory);
        this.uid = uid;
    }

    SidecarFiles copies() {
        return copies;
    }

    void start() throws IOException {
        Files.createDirectory(
                copies.directory(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.setAttribute(copies.directory(), "unix:uid", uid);
        copyAll();
        Future<?> unused =
                scheduler.scheduleWithFixedDelay(this::copyOrWarn, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
    }

    private void copyOrWarn() {
        try {
            copyAll();
        } catch (IOException | RuntimeException e) {
            LOG.warn("the sidecar's files cannot be renewed, trying again: {}", e.toString());
        }
    }

    private void copyAll() throws IOException {
        copy(originals.token(), copies.token());
        copy(originals.xdsCa(), copies.xdsCa());
    }

    private void copy(Path from, Path to) throws IOException {
        byte[] content = Files.readAllBytes(from);
        if (Files.exists(to) && Arrays.equals(Files.readAllBytes(to), content)) {
            return;
        }
        Path temporary = to.resolveSibling("." + to.getFileName());
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(temporary, content);
        Files.setAttribute(temporary, "unix:uid", uid);
        Files.move(temporary, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
