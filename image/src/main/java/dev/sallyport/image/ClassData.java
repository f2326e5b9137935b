package dev.sallyport.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The classes of a training run as Java has them in memory after loading them, so that starting takes half the time. The jars are named relative to the application's directory, which is the working directory in the image: Java
 * compares which files they are, not how they are called.
 */
final class ClassData {
    static final String FILE = ApplicationFiles.HOME + "/sallyport.jsa";

    static void into(StagedRoot root) throws IOException, InterruptedException {
        Path list = Files.createTempFile("sallyport-classes-", ".list");
        try {
            java(root, "-Xshare:off", "-XX:DumpLoadedClassList=" + list, "-jar", ApplicationFiles.JAR, "warm-up");
            Set<String> classes = new TreeSet<>(Files.readAllLines(list));
            Files.write(list, classes);
            java(
                    root,
                    // Alone it writes objects of the heap, too; every other collector reads them.
                    "-XX:+UseG1GC",
                    "-Xshare:dump",
                    "-XX:SharedClassListFile=" + list,
                    "-XX:SharedArchiveFile=" + root.at(FILE),
                    "-jar",
                    ApplicationFiles.JAR);
        } finally {
            Files.delete(list);
        }
    }

    private static void java(StagedRoot root, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(root.at(JavaRuntime.HOME + "/bin/java").toString(), "-Xlog:disable", "-Xlog:all=error"));
        command.addAll(List.of(arguments));
        Tool.run(root.at(ApplicationFiles.HOME), command);
    }

    private ClassData() {}
}
