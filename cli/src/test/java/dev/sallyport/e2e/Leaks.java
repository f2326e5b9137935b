package dev.sallyport.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks for secret values: as they are, their first characters alone, and in base64. */
final class Leaks {
    private static final int PREFIX = 12;

    private final List<String> needles;
    private final NavigableSet<String> found = new TreeSet<>();
    private int places;

    Leaks(Set<String> values) {
        // The prefix is in the value, so that it stands for both.
        this.needles = values.stream().flatMap(Leaks::forms).toList();
    }

    private static Stream<String> forms(String value) {
        String base64 = Base64.getEncoder().withoutPadding().encodeToString(value.getBytes(StandardCharsets.UTF_8));
        return Stream.of(value.substring(0, PREFIX), base64.substring(0, PREFIX));
    }

    /** Looks into a text. */
    Leaks text(String place, String text) {
        places++;
        needles.stream()
                .filter(text::contains)
                .map(needle -> place + ": " + needle)
                .forEach(found::add);
        return this;
    }

    /** Looks into all files below a directory, but not those that are meant to hold secrets. */
    Leaks files(Path directory, Predicate<Path> meant) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile() && !meant.test(file)) {
                    text(file.toString(), content(file));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return this;
    }

    /** Looks at the arguments and the environment of every process that this user may look at. */
    Leaks processes() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes
                    .filter(path -> path.getFileName().toString().matches("\\d+"))
                    .toList()) {
                for (String file : List.of("cmdline", "environ")) {
                    text(process.resolve(file).toString(), content(process.resolve(file)));
                }
            }
        }
        return this;
    }

    /** Where what was found; without the values themselves. */
    List<String> found() {
        return new ArrayList<>(found);
    }

    /** How many files, texts and processes were looked into. */
    int places() {
        return places;
    }

    @Override
    public String toString() {
        return found.stream().collect(Collectors.joining("\n"));
    }

    private static String content(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            // A process or a file that has ended meanwhile.
            return "";
        }
    }
}
