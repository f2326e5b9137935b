package dev.sallyport.cli.machine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Locks on files between processes, which the kernel frees when a process ends, and between the threads of this one. Thread-safe. */
public final class FileLocks {
    /** What this process holds: the kernel's locks belong to the process, and closing any of its channels to a file would free them. */
    private static final Set<Path> HELD = new HashSet<>();

    /** A lock that is held until it is closed. */
    public static final class Held implements AutoCloseable {
        private final Path file;
        private final FileChannel channel;

        private Held(Path file, FileChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        @Override
        public void close() throws IOException {
            synchronized (HELD) {
                if (HELD.remove(file)) {
                    channel.close();
                    HELD.notifyAll();
                }
            }
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }

    /** Takes the lock on a file, which is made if need be, readable by its owner only; empty when somebody holds it. */
    public static Optional<Held> tryToTake(Path file) throws IOException {
        Path key = file.toAbsolutePath().normalize();
        synchronized (HELD) {
            if (HELD.contains(key)) {
                return Optional.empty();
            }
            FileChannel channel = open(key);
            if (!locked(channel)) {
                channel.close();
                return Optional.empty();
            }
            HELD.add(key);
            return Optional.of(new Held(key, channel));
        }
    }

    /** Takes the lock on a file, and waits for it. */
    static Held wait(Path file) throws IOException {
        Path key = file.toAbsolutePath().normalize();
        synchronized (HELD) {
            while (HELD.contains(key)) {
                waitForOthers();
            }
            FileChannel channel = open(key);
            HELD.add(key);
            try {
                channel.lock();
            } catch (IOException e) {
                HELD.remove(key);
                channel.close();
                throw e;
            }
            return new Held(key, channel);
        }
    }

    /** Whether anybody holds the lock on that file; not when there is no file. */
    static boolean isHeld(Path file) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        Optional<Held> taken = tryToTake(file);
        if (taken.isPresent()) {
            taken.get().close();
        }
        return taken.isEmpty();
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException heldHere) {
            return false;
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private static void waitForOthers() throws IOException {
        try {
            HELD.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a lock", e);
        }
    }

    private FileLocks() {}
}
