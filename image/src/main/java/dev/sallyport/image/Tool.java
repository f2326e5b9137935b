package dev.sallyport.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Runs a program of this machine to its end. */
final class Tool {
    /** What it printed on both streams; one that fails is an {@link ImageException} with that. */
    static String run(Path directory, List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        // Sorting and messages the same everywhere; nothing of the builder's own options for Java.
        builder.environment().put("LC_ALL", "C");
        builder.environment()
                .keySet()
                .removeIf(name -> name.endsWith("JAVA_OPTIONS") || name.equals("JAVA_TOOL_OPTIONS"));
        Process process = start(builder);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new ImageException(
                    String.join(" ", command) + " ended with exit code " + code + ":\n" + output.strip());
        }
        return output;
    }

    private static Process start(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new ImageException("cannot run " + builder.command().get(0) + ": " + e.getMessage());
        }
    }

    private Tool() {}
}
