package dev.sallyport.source.file;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What lies under {@code ROOT/NAME/KEY} without its content: which file each key leads to. Two equal scans, one before and one after the files were read, mean that nobody swapped a
 * {@code ..data} link in between. Names that begin with a dot do not count: they are editors' files and the machinery of Kubernetes' volumes.
 *
 * @param objects by name
 * @param strays what lies where no object can be, one line each
 * @param directories every directory that was looked into: what must be watched
 */
record DirectoryScan(SortedMap<String, ObjectEntry> objects, List<String> strays, SortedSet<Path> directories) {
    /** More than this in all is no directory of Secrets: somebody named the wrong one. */
    static final int MAX_FILES = 10_000;

    static final int MAX_FILE_BYTES = 1 << 20;

    /** One {@code ROOT/NAME}: its keys, or why its directory cannot be listed. */
    record ObjectEntry(
            SortedMap<String, FileEntry> keys, @Nullable String failure) {}

    /** One {@code ROOT/NAME/KEY}. */
    sealed interface FileEntry {}

    /** A plain file, which may be read: the real path and what changes when it is written. */
    record Plain(Path real, @Nullable Object fileKey, long size, FileTime modified) implements FileEntry {}

    /** A file that must not be read, such as one that a link finds outside of the directory; {@code reason} says why. */
    record Refused(String reason) implements FileEntry {}

    /** A file of which nothing can be said, because asking for it failed. */
    record Failed(String reason) implements FileEntry {}

    /** Looks through {@code root}. What is wrong with one object stays with it; an exception means that the root itself cannot be listed. */
    static DirectoryScan of(Path root) throws IOException {
        return new Scanner(root, root.toRealPath()).scan();
    }

    private static final class Scanner {
        private final Path root;
        private final Path realRoot;
        private final SortedMap<String, ObjectEntry> objects = new TreeMap<>();
        private final List<String> strays = new ArrayList<>();
        private final SortedSet<Path> directories = new TreeSet<>();
        private int files;

        Scanner(Path root, Path realRoot) {
            this.root = root;
            this.realRoot = realRoot;
        }

        DirectoryScan scan() throws IOException {
            directories.add(root);
            directories.add(realRoot);
            for (Path child : list(root)) {
                scanObject(child);
            }
            return new DirectoryScan(objects, strays, directories);
        }

        private void scanObject(Path directory) throws IOException {
            String name = nameOf(directory);
            if (!ObjectNames.isName(name)) {
                strays.add(directory + ": no valid name (expected: " + ObjectNames.EXPECTED_NAME + "); skipped");
                return;
            }
            try {
                Path real = directory.toRealPath();
                if (!Files.isDirectory(real)) {
                    strays.add(directory + ": not a directory (expected: " + root + "/NAME/KEY); skipped");
                } else if (!real.startsWith(realRoot)) {
                    strays.add(directory + ": the link leaves " + root + "; skipped");
                } else {
                    directories.add(directory);
                    directories.add(real);
                    objects.put(name, new ObjectEntry(scanKeys(directory), null));
                }
            } catch (NoSuchFileException e) {
                strays.add(directory + ": the link leads to nothing; skipped");
            } catch (TooManyFiles e) {
                throw e;
            } catch (IOException e) {
                objects.put(
                        name,
                        new ObjectEntry(new TreeMap<>(), "cannot list " + directory + ": " + FileErrors.describe(e)));
            }
        }

        private SortedMap<String, FileEntry> scanKeys(Path directory) throws IOException {
            SortedMap<String, FileEntry> keys = new TreeMap<>();
            for (Path file : list(directory)) {
                String key = nameOf(file);
                if (ObjectNames.isKey(key)) {
                    keys.put(key, entry(file));
                } else {
                    strays.add(file + ": no valid key (expected: " + ObjectNames.EXPECTED_KEY + "); skipped");
                }
            }
            return keys;
        }

        private FileEntry entry(Path file) {
            try {
                Path real = file.toRealPath();
                if (!real.startsWith(realRoot)) {
                    return new Refused(file + " leaves the directory " + root + "; a link must stay inside");
                }
                directories.add(parentOf(real));
                BasicFileAttributes found = Files.readAttributes(real, BasicFileAttributes.class);
                if (!found.isRegularFile()) {
                    return new Refused(file + " is not a regular file");
                }
                if (found.size() > MAX_FILE_BYTES) {
                    return new Refused(file + " has " + found.size() + " bytes (expected: at most 1 MiB)");
                }
                return new Plain(real, found.fileKey(), found.size(), found.lastModifiedTime());
            } catch (NoSuchFileException e) {
                return new Refused(file + " is a link that leads to nothing");
            } catch (IOException e) {
                return new Failed(FileErrors.describe(e));
            }
        }

        private List<Path> list(Path directory) throws IOException {
            List<Path> children = new ArrayList<>();
            try (DirectoryStream<Path> stream =
                    Files.newDirectoryStream(directory, path -> !nameOf(path).startsWith("."))) {
                for (Path child : stream) {
                    if (++files > MAX_FILES) {
                        throw new TooManyFiles(root);
                    }
                    children.add(child);
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
            children.sort(null);
            return children;
        }
    }

    /** The directory holds more than anybody's Secrets. */
    static final class TooManyFiles extends IOException {
        TooManyFiles(Path root) {
            super("more than " + MAX_FILES + " files in " + root);
        }
    }

    private static String nameOf(Path path) {
        Path name = path.getFileName();
        return name == null ? "" : name.toString();
    }

    private static Path parentOf(Path path) {
        Path parent = path.getParent();
        return parent == null ? path : parent;
    }
}
