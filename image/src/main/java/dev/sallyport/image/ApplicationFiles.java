package dev.sallyport.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The application as Maven packaged it, and the command that starts it. */
record ApplicationFiles(Path packaged) {
    static final String HOME = "/opt/sallyport";
    static final String COMMAND = "/usr/bin/sallyport";
    static final String JAR = "sallyport.jar";

    void into(StagedRoot root) throws IOException {
        Path jar = packaged.resolve("sallyport-cli.jar");
        Path libraries = packaged.resolve("lib");
        if (!Files.isRegularFile(jar) || !Files.isDirectory(libraries)) {
            throw new ImageException(
                    packaged
                            + " has no sallyport-cli.jar with its lib. Build with image/build, or with Maven's goal package or a later one");
        }
        root.copy(jar, HOME + "/" + JAR);
        for (Path library : list(libraries)) {
            addLibrary(root, library);
        }
        root.text(HOME + "/java.options", String.join("\n", JavaOptions.all()) + "\n", false);
        root.text(COMMAND, resource("sallyport"), true);
    }

    private static void addLibrary(StagedRoot root, Path library) throws IOException {
        String name = HOME + "/lib/" + library.getFileName();
        root.copy(library, name);
        if (UnsignedJar.isSigned(library)) {
            UnsignedJar.write(library, root.at(name));
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(ApplicationFiles.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
