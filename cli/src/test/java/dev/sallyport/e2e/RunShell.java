package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.Envoys;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A shell under {@code ./sallyport run}, called with next to no environment. Commands go in by its standard input, one after the other. */
final class RunShell {
    private static final Path LAUNCHER =
            Path.of("..", "sallyport").toAbsolutePath().normalize();
    private static final String END = "--- exit code ";
    private static final int PATIENCE_SECONDS = 120;

    private final Process process;
    private final Path err;
    private final BufferedReader out;

    /** What a command left: its exit code, and what it printed on both streams. */
    record Output(int code, String text) {}

    private RunShell(Process process, Path err) {
        this.process = process;
        this.err = err;
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts it.
     *
     * @param directory where it works; also its home
     * @param err where standard error goes
     * @param options of {@code run}
     */
    static RunShell start(Path directory, Path err, List<String> options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run"));
        arguments.addAll(options);
        arguments.addAll(List.of("--", "sh"));
        return new RunShell(
                new ProcessBuilder(command(directory, arguments))
                        .directory(directory.toFile())
                        .redirectError(err.toFile())
                        .start(),
                err);
    }

    /** {@code ./sallyport} with these arguments, in an environment that has only what it needs. */
    static List<String> command(Path home, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("env", "-i"));
        environment(home).forEach((name, value) -> command.add(name + "=" + value));
        command.add(LAUNCHER.toString());
        command.addAll(arguments);
        return command;
    }

    /** What one of the commands prints on both streams. */
    static String tool(Path home, String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(home, List.of(arguments)))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private static Map<String, String> environment(Path home) {
        return Map.of(
                "PATH", System.getenv("PATH"),
                "HOME", home.toString(),
                "JAVA_HOME", System.getProperty("java.home"),
                "ENVOY", Envoys.underTest().path().toString(),
                "SALLYPORT_CLASSPATH", System.getProperty("java.class.path"));
    }

    /** Runs one command and waits for its end. */
    Output run(String command) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8)
                .append("{ timeout %d %s; } 2>&1 </dev/null; printf '\\n%s%%d\\n' $?\n"
                        .formatted(PATIENCE_SECONDS, command, END))
                .flush();
        StringBuilder text = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(END)) {
                return new Output(Integer.parseInt(line.substring(END.length())), text.toString());
            }
            text.append(line).append('\n');
        }
        throw new AssertionError("the shell ended: " + text + "\n" + Files.readString(err));
    }

    /** The process ID of the launcher. */
    long pid() {
        return process.pid();
    }

    /** The processes below the launcher. */
    Stream<ProcessHandle> descendants() {
        return process.descendants();
    }

    /** Ends the shell and with it the run. */
    void end() throws IOException, InterruptedException {
        out.close();
        process.getOutputStream().close();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    }
}
