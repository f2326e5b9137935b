package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.Envoys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** One call of {@code ./sallyport}, by {@code env}, so that nothing of this machine's own settings is in the way. */
final class Launched implements AutoCloseable {
    static final Path LAUNCHER = Path.of("..", "sallyport").toAbsolutePath().normalize();
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final Path out;
    private final Path err;

    /** What a process left: its exit code, and what it printed. */
    record Result(int code, String out, String err) {
        /** Its only line on stderr. */
        String line() {
            assertThat(err.lines()).hasSize(1);
            return err.strip();
        }
    }

    private Launched(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts it with the environment of {@link #environment}; what it prints is kept in that directory. */
    static Launched start(Path directory, String... arguments) throws IOException {
        return start(directory, command(environment(), arguments));
    }

    /** Starts any command. */
    static Launched start(Path directory, List<String> command) throws IOException {
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        return new Launched(
                new ProcessBuilder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start(),
                out,
                err);
    }

    /** All that it needs. */
    static SortedMap<String, String> environment() {
        return new TreeMap<>(Map.of(
                "PATH", System.getenv("PATH"),
                "HOME", System.getProperty("user.home"),
                "JAVA_HOME", System.getProperty("java.home"),
                "ENVOY", Envoys.underTest().path().toString(),
                "SALLYPORT_CLASSPATH", System.getProperty("java.class.path")));
    }

    static List<String> command(Map<String, String> environment, String... arguments) {
        // With every signal as it is by default: what runs in the background of a shell may have been told to ignore
        // some.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal", "-i"));
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.add(LAUNCHER.toString());
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    Process process() {
        return process;
    }

    /** What it has printed on stderr so far. */
    String errors() throws IOException {
        return Files.readString(err);
    }

    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-s", name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Closes its standard input and waits for its end. */
    Result end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as(Files.readString(err))
                .isTrue();
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Whatever a test did not end. */
    @Override
    public void close() {
        List<ProcessHandle> family = process.descendants().toList();
        process.destroyForcibly();
        family.forEach(ProcessHandle::destroyForcibly);
    }
}
