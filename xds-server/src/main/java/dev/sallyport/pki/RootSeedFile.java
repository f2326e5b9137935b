package dev.sallyport.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;

/** The file of a {@link RootSeed}: {@value RootSeed#LENGTH} bytes that only their owner may read. */
final class RootSeedFile {
    private static final Set<PosixFilePermission> OWNER_ONLY = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final Path file;

    RootSeedFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    byte[] readOrCreate() throws IOException {
        try {
            if (Files.notExists(file)) {
                create();
            }
            return read();
        } catch (FileSystemException e) {
            throw new IOException("root seed " + file + ": " + reason(e), e);
        }
    }

    /** Java's own message is often the path alone. */
    private static String reason(FileSystemException e) {
        if (e instanceof AccessDeniedException) {
            return e.getFile() + ": permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            // What Java 25 says of a parent that is a file.
            return e.getFile() + ": Not a directory";
        }
        return e.getFile() + ": " + (e.getReason() == null ? e.getClass().getSimpleName() : e.getReason());
    }

    private byte[] read() throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (!Files.isRegularFile(file)) {
            throw new IOException("root seed " + file + ": not a regular file (expected: a file of " + RootSeed.LENGTH
                    + " bytes); name another file");
        }
        if (!OWNER_ONLY.containsAll(mode)) {
            throw new IOException("root seed " + file + ": mode " + PosixFilePermissions.toString(mode)
                    + " lets others at it (expected: rw-------). If nobody else can have read it: chmod 600 " + file
                    + "; otherwise delete it, and every workload gets a new CA");
        }
        if (Files.size(file) != RootSeed.LENGTH) {
            throw new IOException("root seed " + file + ": " + Files.size(file) + " bytes (expected: " + RootSeed.LENGTH
                    + "). Restore it from a copy, or delete it, and every workload gets a new CA");
        }
        return Files.readAllBytes(file);
    }

    /**
     * The seed is complete before it has its name: a link, unlike a rename, fails where another process was first, and that one's seed is the one both use.
     */
    private void create() throws IOException {
        Path directory = file.getParent();
        if (directory == null) {
            throw new IOException("root seed " + file + ": a directory (expected: the path of a file)");
        }
        Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Path complete = Files.createTempFile(directory, ".root-seed", ".tmp"); // mode 0600, as always
        try {
            write(complete);
            name(complete);
        } finally {
            Files.deleteIfExists(complete);
        }
    }

    private void name(Path complete) throws IOException {
        try {
            Files.createLink(file, complete);
        } catch (FileAlreadyExistsException another) {
            return;
        } catch (UnsupportedOperationException | FileSystemException e) {
            throw new IOException(
                    "root seed " + file + ": it cannot be made here, perhaps for want of hard links; make it yourself: "
                            + "(umask 077; head -c " + RootSeed.LENGTH + " /dev/urandom > " + file + ")",
                    e);
        }
    }

    private static void write(Path complete) throws IOException {
        byte[] seed = new byte[RootSeed.LENGTH];
        new SecureRandom().nextBytes(seed);
        try (FileChannel channel = FileChannel.open(complete, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(seed);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }
}
