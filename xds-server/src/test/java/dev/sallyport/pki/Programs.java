package dev.sallyport.pki;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Runs the programs whose judgement the tests ask for. A missing one is a failure, not a reason to skip. */
final class Programs {
    private static final long PATIENCE_SECONDS = 180;

    /** What a program said. */
    record Answer(int exitCode, String output) {
        boolean isYes() {
            return exitCode == 0;
        }
    }

    static Answer run(Path directory, List<String> command) throws Exception {
        Path output = Files.createTempFile(directory, "output", ".txt");
        Process process = start(directory, command, output);
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(command + " does not end; so far: " + Files.readString(output));
            }
            return new Answer(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    private static Process start(Path directory, List<String> command, Path output) {
        try {
            return new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError(
                    command.get(0) + " cannot be started; the tests need openssl, python3 and go on the PATH", e);
        }
    }

    /** Copies a file of the test's resources into {@code directory}. */
    static Path resource(Path directory, String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(Programs.class.getResourceAsStream(name), name)) {
            Path copy = directory.resolve(name);
            Files.write(copy, in.readAllBytes());
            return copy;
        }
    }

    private Programs() {}
}
