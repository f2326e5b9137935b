package dev.sallyport.pki;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** A directory that apps read their trust files from, on a machine without Kubernetes. Everybody may read it. For one writer at a time. */
public final class TrustDirectory {
    private final Path directory;

    public TrustDirectory(Path directory) {
        this.directory = directory;
    }

    /**
     * Brings the files to the state of {@code bundle}, each in one step, and leaves alone those that are right. The directory is made where it does not exist.
     *
     * @return the names of those that were written
     */
    public SortedSet<String> write(TrustBundle bundle) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        SortedSet<String> written = new TreeSet<>();
        for (Map.Entry<String, byte[]> file :
                bundle.files(directory.toAbsolutePath()).entrySet()) {
            Path path = directory.resolve(file.getKey());
            if (!isRight(path, file.getValue())) {
                AtomicFile.replace(path, file.getValue(), AtomicFile.PUBLIC);
                written.add(file.getKey());
            }
        }
        return written;
    }

    private static boolean isRight(Path path, byte[] content) throws IOException {
        try {
            return Arrays.equals(Files.readAllBytes(path), content)
                    && Files.getPosixFilePermissions(path).equals(AtomicFile.PUBLIC);
        } catch (NoSuchFileException missing) {
            return false;
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
