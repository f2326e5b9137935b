package dev.sallyport.source.file;

import dev.sallyport.source.file.DirectoryScan.Failed;
import dev.sallyport.source.file.DirectoryScan.FileEntry;
import dev.sallyport.source.file.DirectoryScan.ObjectEntry;
import dev.sallyport.source.file.DirectoryScan.Plain;
import dev.sallyport.source.file.DirectoryScan.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A directory of Secrets or ConfigMaps, {@code ROOT/NAME/KEY}. An object is taken as a whole: all of its files of one moment, or, when one of them cannot be read, all of its last good ones. What is not there any
 * more is gone, though: a deleted file is no failed read. For one thread.
 *
 * @param <O> what an object becomes
 */
final class ObjectDirectory<O> {
    private static final int ATTEMPTS = 5;

    /** How the files of one object become what the source hands out. */
    interface Assembly<O> {
        /** An object of these files; {@code problems} takes what is wrong with one of them, without its content. */
        O assemble(String name, SortedMap<String, Content> files, List<String> problems);

        /** An object that could not be read, not even once. */
        O broken(String reason);
    }

    /** The content of one file, or why it was not read. */
    sealed interface Content {}

    /** Read whole. Not printable: it may be a secret. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and alive only between reading and assembling
    record Bytes(byte[] value) implements Content {
        @Override
        public String toString() {
            return "***";
        }
    }

    record Unread(String reason) implements Content {}

    /**
     * What one look brought.
     *
     * @param directories what to watch for the next change
     */
    record Reading<O>(Map<String, O> objects, List<String> problems, SortedSet<Path> directories) {}

    private final Path root;
    private final Assembly<O> assembly;
    private Map<String, O> lastGood = Map.of();

    ObjectDirectory(Path root, Assembly<O> assembly) {
        this.root = root;
        this.assembly = assembly;
    }

    /** Looks again. Never fails: what cannot be read is a problem of the reading. */
    Reading<O> read() {
        List<String> problems = new ArrayList<>();
        SortedSet<Path> directories = new TreeSet<>(List.of(root));
        try {
            lastGood = new Attempt(problems, directories).objects();
        } catch (NoSuchFileException e) {
            lastGood = Map.of();
            problems.add(root + ": no such directory; it is read as soon as it is there");
        } catch (IOException e) {
            problems.add("cannot read " + root + ": " + FileErrors.describe(e) + kept(!lastGood.isEmpty()));
        }
        return new Reading<>(lastGood, problems, directories);
    }

    private static String kept(boolean any) {
        return any ? "; the last good values are kept" : "";
    }

    /** One reading: as many scans as it takes until every object was read between two equal ones. */
    private final class Attempt {
        private final List<String> problems;
        private final SortedSet<Path> directories;
        private final Map<String, O> settled = new HashMap<>();
        private final List<String> objectProblems = new ArrayList<>();

        Attempt(List<String> problems, SortedSet<Path> directories) {
            this.problems = problems;
            this.directories = directories;
        }

        Map<String, O> objects() throws IOException {
            DirectoryScan before = scan();
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                Map<String, Loaded<O>> loaded = loadUnsettled(before);
                DirectoryScan after = scan();
                loaded.forEach((name, object) -> settle(name, object, after));
                settled.keySet().retainAll(after.objects().keySet());
                before = after;
                if (settled.keySet().containsAll(after.objects().keySet())) {
                    break;
                }
            }
            before.objects().keySet().stream()
                    .filter(name -> !settled.containsKey(name))
                    .toList()
                    .forEach(name -> keepLastGood(name, root.resolve(name) + " changes while it is read"));
            problems.addAll(before.strays());
            problems.addAll(objectProblems);
            return Map.copyOf(settled);
        }

        private DirectoryScan scan() throws IOException {
            DirectoryScan scan = DirectoryScan.of(root);
            directories.addAll(scan.directories());
            return scan;
        }

        private Map<String, Loaded<O>> loadUnsettled(DirectoryScan scan) {
            Map<String, Loaded<O>> loaded = new TreeMap<>();
            scan.objects().forEach((name, entry) -> {
                if (!settled.containsKey(name)) {
                    loaded.put(name, load(name, entry));
                }
            });
            return loaded;
        }

        private void settle(String name, Loaded<O> object, DirectoryScan after) {
            if (!object.entry().equals(after.objects().get(name))) {
                return;
            }
            if (object.failure() != null) {
                keepLastGood(name, object.failure());
            } else if (object.value() != null) {
                settled.put(name, object.value());
                objectProblems.addAll(object.problems());
            }
        }

        private void keepLastGood(String name, String failure) {
            O kept = lastGood.get(name);
            settled.put(name, kept == null ? assembly.broken(failure) : kept);
            objectProblems.add(failure + kept(kept != null));
        }
    }

    private record Loaded<O>(
            ObjectEntry entry, @Nullable O value, @Nullable String failure, List<String> problems) {}

    private Loaded<O> load(String name, ObjectEntry entry) {
        if (entry.failure() != null) {
            return new Loaded<>(entry, null, entry.failure(), List.of());
        }
        List<String> problems = new ArrayList<>();
        SortedMap<String, Content> files = new TreeMap<>();
        for (Map.Entry<String, FileEntry> file : entry.keys().entrySet()) {
            Path shown = root.resolve(name).resolve(file.getKey());
            try {
                files.put(file.getKey(), content(shown, file.getValue(), problems));
            } catch (IOException e) {
                return new Loaded<>(entry, null, "cannot read " + shown + ": " + FileErrors.describe(e), List.of());
            }
        }
        return new Loaded<>(entry, assembly.assemble(name, files, problems), null, problems);
    }

    private static Content content(Path shown, FileEntry file, List<String> problems) throws IOException {
        if (file instanceof Plain plain) {
            return new Bytes(bytes(shown, plain.real()));
        }
        if (file instanceof Refused refused) {
            problems.add(refused.reason());
            return new Unread(refused.reason());
        }
        throw new IOException(((Failed) file).reason());
    }

    /** The path is real already: a link that took its place since then is not followed. */
    private static byte[] bytes(Path shown, Path real) throws IOException {
        try (InputStream in = Files.newInputStream(real, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            byte[] read = in.readNBytes(DirectoryScan.MAX_FILE_BYTES + 1);
            if (read.length > DirectoryScan.MAX_FILE_BYTES) {
                throw new IOException(shown + " grew over 1 MiB");
            }
            return read;
        }
    }
}
