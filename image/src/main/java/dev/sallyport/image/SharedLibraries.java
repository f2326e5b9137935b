package dev.sallyport.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The libraries of this machine that programs and libraries of the image are linked with, under the names that this machine's loader looks for. */
record SharedLibraries(StagedRoot root) {
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};
    private static final Pattern FOUND =
            Pattern.compile("^\\s*(?:\\S+ => )?(/\\S+) \\(0x[0-9a-f]+\\)$", Pattern.MULTILINE);
    private static final Pattern MISSING = Pattern.compile("^\\s*(\\S+) => not found", Pattern.MULTILINE);

    /** How names are resolved, which older C libraries load by name. */
    private static final List<String> LOADED_BY_NAME =
            List.of("libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2");

    /** Copies them; returns which. */
    List<Path> copy() throws IOException, InterruptedException {
        Set<Path> needed = new TreeSet<>();
        for (Path file : root.files()) {
            if (isElf(file)) {
                needed.addAll(linked(file));
            }
        }
        for (Path library : List.copyOf(needed)) {
            if (library.endsWith("libc.so.6")) {
                LOADED_BY_NAME.stream()
                        .map(library::resolveSibling)
                        .filter(Files::exists)
                        .forEach(needed::add);
            }
        }
        for (Path library : needed) {
            root.copy(library.toRealPath(), library.toString());
        }
        return new ArrayList<>(needed);
    }

    private List<Path> linked(Path file) throws IOException, InterruptedException {
        String output = Tool.run(root.path(), List.of("ldd", file.toString()));
        Matcher missing = MISSING.matcher(output);
        while (missing.find()) {
            requireOwn(file, missing.group(1));
        }
        return FOUND.matcher(output)
                .results()
                .map(result -> Path.of(result.group(1)).normalize())
                .filter(library -> !library.startsWith(root.path()))
                .toList();
    }

    /** Libraries of the runtime find each other once Java runs. */
    private void requireOwn(Path file, String name) throws IOException {
        if (root.files().stream().noneMatch(other -> other.endsWith(name))) {
            throw new ImageException(file + " needs " + name + ", which this machine does not have");
        }
    }

    private static boolean isElf(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(ELF.length), ELF);
        }
    }
}
