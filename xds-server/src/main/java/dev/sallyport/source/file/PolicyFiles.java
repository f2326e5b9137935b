package dev.sallyport.source.file;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.policy.PolicyProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** The files that hold policies and manifests. A file whose bytes did not change is not parsed again. For one thread. */
final class PolicyFiles {
    /** More than the parser takes, so that it is the parser that says so. */
    private static final int MAX_BYTES = 32 << 20;

    private final List<Path> paths;
    private Map<Path, PolicyFile> known = Map.of();

    PolicyFiles(List<Path> paths) {
        this.paths = paths;
    }

    /**
     * What one look brought.
     *
     * @param problems of paths that are no files
     * @param directories what to watch for the next change
     */
    record Reading(Collection<PolicyFile> files, List<PolicyProblem> problems, SortedSet<Path> directories) {}

    /** Looks again. Never fails: what cannot be read is a problem of the reading, and denies. */
    Reading read() {
        Look look = new Look();
        paths.forEach(look::at);
        known = look.files;
        return new Reading(look.files.values(), look.problems, look.directories);
    }

    private final class Look {
        private final Map<Path, PolicyFile> files = new LinkedHashMap<>();
        private final List<PolicyProblem> problems = new ArrayList<>();
        private final SortedSet<Path> directories = new TreeSet<>();

        void at(Path path) {
            if (Files.isDirectory(path)) {
                directory(path);
            } else {
                Path parent = path.toAbsolutePath().getParent();
                directories.add(parent == null ? path.toAbsolutePath() : parent);
                file(path, true);
            }
        }

        private void directory(Path directory) {
            directories.add(directory);
            try {
                list(directory).forEach(file -> file(file, false));
            } catch (NoSuchFileException e) {
                missing(directory);
            } catch (IOException e) {
                problems.add(problem(directory, "cannot be listed: " + FileErrors.describe(e)));
                known.keySet().stream()
                        .filter(file -> key(directory).equals(file.getParent()))
                        .forEach(file -> put(
                                file,
                                PolicyFile.unreadable(
                                        file.toString(), "its directory cannot be listed", before(file))));
            }
        }

        private void file(Path file, boolean expected) {
            if (files.containsKey(key(file))) {
                return;
            }
            try {
                // Follows links: what lies behind one changes with a link in between, or is found by the next poll.
                Path real = file.toRealPath();
                Path parent = real.getParent();
                directories.add(parent == null ? real : parent);
                put(file, parse(file, bytes(real)));
            } catch (NoSuchFileException e) {
                if (expected) {
                    missing(file);
                }
            } catch (IOException e) {
                put(file, PolicyFile.unreadable(file.toString(), FileErrors.describe(e), before(file)));
            }
        }

        private void put(Path file, PolicyFile content) {
            files.put(key(file), content);
        }

        private void missing(Path path) {
            problems.add(problem(path, "no such file or directory; it is read as soon as it is there"));
        }
    }

    private static Path key(Path file) {
        return file.toAbsolutePath().normalize();
    }

    private Set<PolicyId> before(Path file) {
        PolicyFile earlier = known.get(key(file));
        return earlier == null ? Set.of() : earlier.workloads();
    }

    private PolicyFile parse(Path file, byte[] content) throws IOException {
        String digest = digest(content);
        PolicyFile earlier = known.get(key(file));
        if (earlier != null && earlier.digest().equals(digest)) {
            return earlier;
        }
        String name = file.toString();
        return PolicyFile.parsed(
                name, digest, PolicyParser.parse(name, ConfigMapDirectory.text(content)), before(file));
    }

    private static byte[] bytes(Path real) throws IOException {
        if (!Files.isRegularFile(real)) {
            throw new IOException("not a regular file");
        }
        try (InputStream in = Files.newInputStream(real)) {
            byte[] read = in.readNBytes(MAX_BYTES + 1);
            if (read.length > MAX_BYTES) {
                throw new IOException("larger than 32 MiB");
            }
            return read;
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, PolicyFiles::isPolicyFile)) {
            stream.forEach(files::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        files.sort(null);
        return files;
    }

    private static boolean isPolicyFile(Path path) {
        String name = String.valueOf(path.getFileName());
        boolean named = name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
        return named && !name.startsWith(".") && !Files.isDirectory(path);
    }

    private static PolicyProblem problem(Path path, String message) {
        return new PolicyProblem(PolicyProblem.Severity.ERROR, path.toString(), 1, "file", "", message);
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
