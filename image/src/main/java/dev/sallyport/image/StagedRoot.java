package dev.sallyport.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The image's file system as a directory: same names, modes, sizes and times. It has no symbolic links. */
record StagedRoot(Path path) {
    /** Of all files. Class data is valid only for jars with the time that they had when it was made. */
    static final Instant TIME = Instant.ofEpochSecond(1);

    static StagedRoot empty(Path path) throws IOException {
        if (Files.exists(path)) {
            for (Path file : tree(path, Comparator.reverseOrder())) {
                Files.delete(file);
            }
        }
        return new StagedRoot(Files.createDirectories(path.toAbsolutePath()));
    }

    /** Where that absolute path of the image is here. */
    Path at(String absolute) {
        if (!absolute.startsWith("/")) {
            throw new IllegalArgumentException(absolute + " (expected: an absolute path)");
        }
        return path.resolve(absolute.substring(1));
    }

    void directory(String absolute, String mode) throws IOException {
        Path directory = Files.createDirectories(at(absolute));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
    }

    void text(String absolute, String content, boolean executable) throws IOException {
        Files.createDirectories(at(absolute).getParent());
        Files.write(at(absolute), content.getBytes(StandardCharsets.UTF_8));
        readable(at(absolute), executable);
    }

    /** Copies a file, or what a link to one leads to. */
    void copy(Path file, String absolute) throws IOException {
        Files.createDirectories(at(absolute).getParent());
        Files.copy(file, at(absolute), StandardCopyOption.REPLACE_EXISTING);
        readable(at(absolute), Files.isExecutable(file));
    }

    /** Everything in it, sorted. */
    List<Path> files() throws IOException {
        return tree(path, Comparator.naturalOrder());
    }

    /** Gives every file the time that it has in the image. */
    void settle() throws IOException {
        for (Path file : files()) {
            Files.setLastModifiedTime(file, FileTime.from(TIME));
        }
    }

    private static void readable(Path file, boolean executable) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static List<Path> tree(Path root, Comparator<Path> order) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.sorted(order).toList();
        }
    }
}
