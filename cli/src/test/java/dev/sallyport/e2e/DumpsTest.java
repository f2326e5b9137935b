package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.machine.RunDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that holds secrets is not written to disk when a process of ours crashes or runs out of it, and a control plane without memory ends. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class DumpsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** What {@code -XX:+ExitOnOutOfMemoryError} exits with. */
    private static final int OUT_OF_MEMORY = 3;

    private static final String SMALL = "-Xmx56m";
    /** Crashes the sidecar, then a program that was given leave to dump, then the launcher. */
    private static final String CRASH = """
            for pid in $(cat /proc/$PPID/task/*/children); do [ $pid = $$ ] || sidecar=$pid; done
            for pid in $sidecar $PPID; do grep 'Max core' /proc/$pid/limits; done
            kill -SEGV $sidecar
            while kill -0 $sidecar 2> /dev/null; do sleep 0.05; done
            echo "after the sidecar: $(ls core* 2> /dev/null)"
            ulimit -S -c unlimited
            sleep 1000 &
            kill -SEGV $!
            wait $! 2> /dev/null
            echo "after the control: $(ls core* 2> /dev/null | wc -l)"
            rm -f core*
            kill -ABRT $PPID
            """;

    @TempDir
    private Path dir;

    @BeforeEach
    void aPolicy() throws IOException {
        Internet.get();
        Files.writeString(dir.resolve("policy.yaml"), "kind: none\n");
    }

    @Test
    @DisplayName(
            "HOS-08 neither the sidecar nor the control plane writes a core dump when it crashes, though the caller allows it; a program that asks for one does")
    void noCoreDump() throws Exception {
        Files.writeString(
                dir.resolve("policy.yaml"), Machine.P + "---\n" + Machine.secret("api", "token", Machine.KEY));
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -c unlimited && exec \"$@\"", "sh"));
        command.addAll(RunShell.command(
                dir, List.of("run", "--policy", dir.resolve("policy.yaml").toString(), "--", "bash", "-c", CRASH)));
        Process process = start(command);
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(printed).isEqualTo(134);
        boolean inThisDirectory =
                Files.readString(Path.of("/proc/sys/kernel/core_pattern")).matches("[^|/]+\\s*");
        assertThat(printed)
                .containsPattern("(?m)^Max core file size +[01] +[01] +bytes")
                .containsPattern("(?m)^Max core file size +[01] +unlimited +bytes")
                .containsPattern("(?m)^after the sidecar: $")
                .contains("after the control: " + (inThisDirectory ? "1" : "0"));
        assertThat(found("core")).isEmpty();
        // Takes away what the launcher left, so that no other test is told of it.
        RunDirectory.create(RunDirectory.root(Map.of())).close();
    }

    @Test
    @DisplayName(
            "HOS-08, FAULT-08 an xds-server without memory exits non-zero, and writes no heap dump unless its caller asks for one")
    void aServiceWithoutMemoryEnds() throws Exception {
        large();
        List<String> arguments = List.of(
                "xds-server",
                "--policies",
                dir.resolve("policy.yaml").toString(),
                "--state",
                dir.resolve("state").toString(),
                "--listen",
                "127.0.0.1:0");
        assertThat(endOf(arguments, SMALL)).isEqualTo(OUT_OF_MEMORY);
        assertThat(found("java_pid")).isEmpty();
        assertThat(found("hs_err")).isEmpty();
        assertThat(endOf(arguments, SMALL + " -XX:+HeapDumpOnOutOfMemoryError")).isEqualTo(OUT_OF_MEMORY);
        assertThat(found("java_pid")).hasSize(1);
    }

    @Test
    @DisplayName(
            "FAULT-08 a run without memory exits non-zero and takes command and sidecar with it, and the next one puts the machine right")
    void aRunWithoutMemoryEnds() throws Exception {
        String before = Shell.machine();
        IsolatedLauncher launcher = new IsolatedLauncher(dir);
        launcher.java(SMALL);
        Process process = launcher.start("echo up > " + dir + "/up; sleep 1000");
        within(PATIENCE, () -> assertThat(dir.resolve("up")).isNotEmptyFile());
        List<ProcessHandle> family = process.descendants().toList();
        String policy = Files.readString(dir.resolve("policy.yaml"));
        large();
        assertThat(launcher.result(process).code()).isEqualTo(OUT_OF_MEMORY);
        within(PATIENCE, () -> assertThat(family).noneMatch(ProcessHandle::isAlive));
        Files.writeString(dir.resolve("policy.yaml"), policy);
        assertThat(launcher.run("true").code()).isZero();
        assertThat(Shell.machine()).isEqualTo(before);
        assertThat(found("java_pid")).isEmpty();
    }

    /** Grows the policy to all that a file may have. */
    private void large() throws IOException {
        Files.writeString(dir.resolve("policy.yaml"), ("# " + "x".repeat(997) + "\n").repeat(16_000));
    }

    private int endOf(List<String> arguments, String javaOptions) throws Exception {
        List<String> command = new ArrayList<>(RunShell.command(dir, arguments));
        command.add(2, "SALLYPORT_JAVA_OPTS=" + javaOptions);
        Process process = start(command);
        process.getInputStream().readAllBytes();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .start();
    }

    private List<Path> found(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .toList();
        }
    }
}
