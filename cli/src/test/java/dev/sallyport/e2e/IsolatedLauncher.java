package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.Envoys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code ./sallyport run --isolate} that may fail, on a machine whose programs are other ones for this caller. */
final class IsolatedLauncher {
    private static final Path LAUNCHER =
            Path.of("..", "sallyport").toAbsolutePath().normalize();
    private static final String PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int PATIENCE_SECONDS = 180;

    private final Path dir;
    private final Path programs;
    private String javaOptions = "";

    /** What it left. */
    record Result(int code, String err) {}

    /** @param dir of the test; everybody may write to it from now on */
    IsolatedLauncher(Path dir) throws IOException {
        this.dir = dir;
        this.programs = Files.createDirectory(dir.resolve("bin"));
        Files.writeString(dir.resolve("policy.yaml"), """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: p, namespace: agents}
                spec:
                  hosts: [{host: api.example.com}]
                """);
        Shell.here("chmod", "a+rwX", dir.toString());
    }

    /** From now on a shell script stands in for one of the machine's programs, which it finds as {@code $real}. */
    void replace(String program, String script) throws IOException {
        String real = Shell.here("env", "PATH=" + PATH, "sh", "-c", "command -v " + program)
                .strip();
        Path file = programs.resolve(program);
        Files.writeString(file, "#!/bin/sh\nreal=" + real + "\n" + script + "\n");
        Shell.here("chmod", "755", file.toString());
    }

    /** From now on the launcher's Java has these options. */
    void java(String options) {
        javaOptions = options;
    }

    /** Runs a script isolated as nobody, and waits for its end. */
    Result run(String script) throws IOException, InterruptedException {
        return result(start(script));
    }

    /** Runs it with a command in front of the launcher and other options for it. */
    Result run(List<String> prefix, List<String> options, String script) throws IOException, InterruptedException {
        return result(start(prefix, programs + ":" + PATH, options, script));
    }

    /** The same where nothing is installed but what {@code path} has. */
    Result runWith(String path) throws IOException, InterruptedException {
        return result(start(List.of(), path, List.of("--user", "nobody"), "true"));
    }

    /** Starts a script isolated as nobody. */
    Process start(String script) throws IOException {
        return start(List.of(), programs + ":" + PATH, List.of("--user", "nobody"), script);
    }

    Result result(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), Files.readString(dir.resolve("err")));
    }

    private Process start(List<String> prefix, String path, List<String> options, String script) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        Stream.of(
                        List.of("env", "-i", "PATH=" + path, "HOME=/"),
                        List.of("JAVA_HOME=" + System.getProperty("java.home")),
                        List.of("SALLYPORT_JAVA_OPTS=" + javaOptions),
                        List.of("ENVOY=" + Envoys.underTest().path()),
                        List.of("SALLYPORT_CLASSPATH=" + System.getProperty("java.class.path")),
                        List.of(LAUNCHER.toString(), "run", "--isolate", "--show", dir.toString()),
                        List.of("--policy", dir.resolve("policy.yaml").toString()),
                        options,
                        List.of("--", "bash", "-c", script))
                .forEach(command::addAll);
        // From a directory that is there for everybody.
        return new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectError(dir.resolve("err").toFile())
                .start();
    }
}
