package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.cli.Launched.Result;
import dev.sallyport.testing.Eventually;
import dev.sallyport.testing.TestNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./sallyport run} as people call it, with a real Envoy. */
class RunTest {
    private static final long PATIENCE_SECONDS = 120;
    private static final ObjectMapper JSON = new ObjectMapper();

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
    @DisplayName("TRUST-11 the command gets the variables that the injector adds, with files that exist")
    void theCommandHasTheTrustAndProxyEnvironment() throws Exception {
        Result result = run("sh", "-c", "env; cat \"$SSL_CERT_FILE\" \"$NODE_EXTRA_CA_CERTS\" \"$WGETRC\"");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .containsPattern("(?m)^https_proxy=http://127\\.0\\.0\\.1:\\d+$")
                .containsPattern("(?m)^SSL_CERT_FILE=/\\S+/trust/agents/p/bundle\\.pem$")
                .containsPattern("(?m)^JAVA_TOOL_OPTIONS=.*-Djavax\\.net\\.ssl\\.trustStore=/\\S+/truststore$")
                .contains("BEGIN CERTIFICATE", "ca_certificate = /");
    }

    @Test
    @DisplayName("TRUST-11 a proxy and certificates of the shell's own lead no request past the sidecar")
    void theShellsOwnProxyAndCertificatesAreReplaced() throws Exception {
        List<String> shell = new ArrayList<>(command("run", "--policy", policy(), "--"));
        shell.addAll(
                shell.indexOf("-i") + 1,
                List.of("https_proxy=http://127.0.0.1:9", "no_proxy=*", "CURL_CA_BUNDLE=/nowhere.pem"));
        List<String> denied = new ArrayList<>(shell);
        denied.addAll(List.of("curl", "-s", "-o", dir.resolve("body").toString(), "https://other.example/"));
        Result result = result(builder(denied).start());
        assertThat(result.err())
                .contains("sallyport: the command has values of its own for CURL_CA_BUNDLE, https_proxy, no_proxy; ")
                .contains("denied other.example:443");
        List<String> ownChoice = new ArrayList<>(shell);
        ownChoice.addAll(List.of("env", "no_proxy=*", "curl", "-s", "https://127.0.0.1:9/"));
        assertThat(result(builder(ownChoice).start()).err()).doesNotContain("denied");
    }

    @Test
    @DisplayName("TRUST-12 the exit code is the command's, and no process and no file is left")
    void theExitCodeIsTheCommandsAndNothingIsLeft() throws Exception {
        Result result = run("sh", "-c", "echo $SALLYPORT_RUN; sleep 1000 > /dev/null 2>&1 & exit 7");
        assertThat(result.code()).as(result.err()).isEqualTo(7);
        assertThat(processesOf(result.out().strip())).isEmpty();
        assertThat(Path.of("/run/sallyport/run-" + result.out().strip())).doesNotExist();
    }

    @Test
    @DisplayName("TRUST-12 SIGTERM is the command's, and no process is left")
    void signalsArePassedOnToTheCommand() throws Exception {
        Path ready = dir.resolve("ready");
        Process process = start(
                "sh", "-c", "trap 'exit 42' TERM; echo $SALLYPORT_RUN > " + ready + "; while :; do sleep 0.1; done");
        Eventually.eventually(() -> assertThat(ready).isNotEmptyFile());
        process.destroy();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(42);
        assertThat(processesOf(Files.readString(ready).strip())).isEmpty();
    }

    @Test
    void saysOnceWhatWasDeniedAndWhatToDo() throws Exception {
        Path log = dir.resolve("access.jsonl");
        Result result = call(
                "run",
                "--policy",
                policy(),
                "--access-log",
                log.toString(),
                "--",
                "sh",
                "-c",
                "for i in 1 2; do curl -s -o /dev/null https://other.example/; done; exit 0");
        assertThat(result.err().lines().filter(line -> line.contains("denied")))
                .containsExactly(
                        "sallyport: denied other.example:443: no entry of policy agents/p matches this host (host_not_allowed). Add it to spec.hosts if the command should reach it");
        assertThat(Files.readAllLines(log)).hasSize(2).allMatch(line -> line.contains("\"host_not_allowed\""));
        assertThat(call("denials", "--access-log", log.toString()).out().lines())
                .hasSize(2);
        assertThat(call("denials", "--output", "json", "--access-log", log.toString())
                        .out()
                        .lines())
                .hasSize(2)
                .allSatisfy(line ->
                        assertThat(JSON.readTree(line).path("reason").asText()).isEqualTo("host_not_allowed"));
    }

    @Test
    void commandsThatCannotRunHaveTheExitCodesOfAShell() throws Exception {
        assertThat(run("no-such-command")).satisfies(result -> {
            assertThat(result.code()).isEqualTo(127);
            assertThat(result.err()).endsWith("sallyport: no-such-command: command not found\n");
        });
        assertThat(run(policy()).code()).isEqualTo(126);
        assertThat(run("sh", "-c", "kill -9 $$").code()).isEqualTo(137);
    }

    @Test
    void whatIsWrongIsSaidInOneLineAndExitsWith125() throws Exception {
        assertOneLine(call("run", "--policy", dir.resolve("none.yaml").toString(), "--", "true"), "no such file");
        assertOneLine(call("run", "--policy", policy(), "--workload", "a/b", "--", "true"), "agents/p");
        assertOneLine(call("run", "--policy", policy(), "--envoy", "/nowhere/envoy", "--", "true"), "/nowhere/envoy");
        assertOneLine(
                call("run", "--policy", policy(), "--public-roots", "/nowhere.pem", "--", "true"), "/nowhere.pem");
        Files.writeString(
                dir.resolve("policy.yaml"),
                "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p, namespace: agents}\nspec: {hosts: [{host: 10.0.0.1}], access: maybe}\n");
        Result bad = run("true");
        assertThat(bad.code()).isEqualTo(125);
        assertThat(bad.err().lines())
                .hasSize(2)
                .allMatch(line -> line.contains("policy.yaml:4: EgressPolicy agents/p spec."));
    }

    @Test
    void aStateDirectoryIsUsedByOneProcessAndSaysWhatItSees() throws Exception {
        Path state = dir.resolve("s");
        Path ready = dir.resolve("ready");
        Process first = new ProcessBuilder(command(
                        "run",
                        "--policy",
                        policy(),
                        "--state",
                        state.toString(),
                        "--",
                        "sh",
                        "-c",
                        "echo > " + ready + "; read x"))
                .redirectErrorStream(true)
                .start();
        Eventually.eventually(() -> assertThat(ready).exists());
        assertOneLine(
                call("run", "--policy", policy(), "--state", state.toString(), "--", "true"),
                "in use by another sallyport");
        assertThat(call("status", "--state", state.toString()).out()).containsPattern("agents/p +accepted +1 +1 ");
        JsonNode status = JSON.readTree(
                call("status", "--output", "json", "--state", state.toString()).out());
        assertThat(status).hasSize(1);
        assertThat(status.get(0).path("synced").asBoolean()).isTrue();
        assertThat(status.get(0).at("/workloads/0/workload").asText()).isEqualTo("agents/p");
        assertThat(status.get(0).at("/workloads/0/sidecars/0/current").asBoolean())
                .isTrue();
        assertThat(Files.getPosixFilePermissions(state.resolve("seed"))).hasSize(2);
        assertThat(Files.getPosixFilePermissions(state.resolve("status.sock"))).hasSize(2);
        first.getOutputStream().close();
        assertThat(first.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertOneLine(call("status", "--state", state.toString()), "no control plane runs");
    }

    private static void assertOneLine(Result result, String text) {
        assertThat(result.code()).as(result.err()).isIn(1, 125);
        assertThat(result.err().lines().toList())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("sallyport: ")
                .contains(text);
    }

    private String policy() {
        return dir.resolve("policy.yaml").toString();
    }

    private Result run(String... command) throws Exception {
        return result(start(command));
    }

    private Process start(String... command) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run", "--policy", policy(), "--"));
        arguments.addAll(Arrays.asList(command));
        return builder(arguments.toArray(String[]::new)).start();
    }

    private Result call(String... arguments) throws Exception {
        return result(builder(arguments).start());
    }

    private Result result(Process process) throws Exception {
        process.getOutputStream().close();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return new Result(
                process.exitValue(), Files.readString(dir.resolve("out")), Files.readString(dir.resolve("err")));
    }

    private ProcessBuilder builder(String... arguments) {
        return builder(command(arguments));
    }

    private ProcessBuilder builder(List<String> command) {
        return new ProcessBuilder(command)
                .redirectOutput(dir.resolve("out").toFile())
                .redirectError(dir.resolve("err").toFile());
    }

    private static List<String> command(String... arguments) {
        return Launched.command(Launched.environment(), arguments);
    }

    /** Processes that have this run in their environment. */
    private static List<String> processesOf(String run) throws IOException {
        assertThat(run).hasSize(8);
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("\\d+"))
                    .filter(process -> environment(process).contains("SALLYPORT_RUN=" + run))
                    .map(Path::toString)
                    .toList();
        }
    }

    private static String environment(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("environ")), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
