package dev.sallyport.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The life of the process, with a shell script in Envoy's place; the real one is started by the suites of test-support. */
@Timeout(60)
class EnvoyProcessTest {
    @TempDir
    private Path directory;

    private final BlockingQueue<String> accessLog = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> errors = new LinkedBlockingQueue<>();

    @Test
    void deliversBothOutputsLineByLine() throws Exception {
        try (EnvoyProcess envoy = start("echo one; echo two; echo three >&2; exec sleep 600")) {
            assertThat(accessLog.poll(10, TimeUnit.SECONDS)).isEqualTo("one");
            assertThat(accessLog.poll(10, TimeUnit.SECONDS)).isEqualTo("two");
            assertThat(errors.poll(10, TimeUnit.SECONDS)).isEqualTo("three");
            assertThat(envoy.isAlive()).isTrue();
        }
    }

    @Test
    void deliversTheLastLinesOfAProcessThatIsClosed() throws Exception {
        EnvoyProcess envoy = start("trap 'echo last; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
        assertThat(accessLog.poll(10, TimeUnit.SECONDS)).isEqualTo("ready");

        envoy.close();

        assertThat(accessLog).contains("last");
        assertThat(envoy.onExit().get(10, TimeUnit.SECONDS)).isEqualTo(3);
    }

    @Test
    void killsAProcessThatDoesNotListen() throws Exception {
        EnvoyProcess envoy = start("trap '' TERM; echo ready; while :; do sleep 0.05; done");
        assertThat(accessLog.poll(10, TimeUnit.SECONDS)).isEqualTo("ready");

        envoy.close();

        assertThat(envoy.isAlive()).isFalse();
    }

    @Test
    void saysWhatItSaidWhenItEndsBeforeItIsReady() throws Exception {
        try (EnvoyProcess envoy = start("echo 'cannot bind 127.0.0.1:1' >&2; exit 1")) {
            assertThatThrownBy(() -> envoy.awaitReady(InetAddress.getLoopbackAddress(), 1, Duration.ofSeconds(10)))
                    .isInstanceOf(EnvoyException.class)
                    .hasMessage("Envoy ended with status 1 before it was ready; it said:\ncannot bind 127.0.0.1:1");
        }
    }

    @Test
    void givesUpWhenItDoesNotBecomeReady() throws Exception {
        try (EnvoyProcess envoy = start("exec sleep 600")) {
            assertThatThrownBy(() -> envoy.awaitReady(InetAddress.getLoopbackAddress(), 1, Duration.ofMillis(100)))
                    .isInstanceOf(EnvoyException.class)
                    .hasMessageContaining("was not ready after 0 s; it said nothing");
        }
    }

    @Test
    void startsItWithoutCoreDumpsOrInputInASessionOfItsOwn() throws Exception {
        try (EnvoyProcess envoy = start("ulimit -c; cat; cut -d' ' -f1,6 /proc/$$/stat; exit 0")) {
            assertThat(accessLog.poll(10, TimeUnit.SECONDS)).isEqualTo("0");
            assertThat(accessLog.poll(10, TimeUnit.SECONDS)).isEqualTo(envoy.pid() + " " + envoy.pid());
        }
    }

    @Test
    void runsThePrefixInTheSameProcess() throws Exception {
        Path program = Programs.write(directory, "envoy", "echo $$ $FROM_PREFIX");
        try (EnvoyProcess envoy = EnvoyProcess.start(
                new EnvoyLaunch(program, List.of(), List.of("env", "FROM_PREFIX=yes"), accessLog::add, errors::add))) {
            assertThat(accessLog.poll(10, TimeUnit.SECONDS)).isEqualTo(envoy.pid() + " yes");
        }
    }

    @Test
    void endsWithTheProcessThatStartedItEvenWhenThatIsKilled() throws Exception {
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Starter.class.getName(),
                        Programs.write(directory, "envoy", "echo $$; exec sleep 600")
                                .toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = parent.inputReader()) {
            ProcessHandle envoy =
                    ProcessHandle.of(Long.parseLong(lines.readLine())).orElseThrow();
            assertThat(envoy.isAlive()).isTrue();

            parent.destroyForcibly();

            envoy.onExit().get(30, TimeUnit.SECONDS);
        } finally {
            parent.destroyForcibly();
        }
    }

    /** Starts Envoy and stays. */
    static final class Starter {
        public static void main(String[] arguments) throws IOException {
            EnvoyProcess envoy = EnvoyProcess.start(new EnvoyLaunch(
                    Path.of(arguments[0]),
                    List.of(),
                    List.of(),
                    line -> System.out.println(line),
                    line -> System.err.println(line)));
            envoy.onExit().join();
        }
    }

    private EnvoyProcess start(String body) throws IOException {
        Path program = Programs.write(directory, "envoy", body);
        return EnvoyProcess.start(new EnvoyLaunch(program, List.of(), List.of(), accessLog::add, errors::add));
    }
}
