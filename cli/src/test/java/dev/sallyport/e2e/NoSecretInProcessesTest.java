package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.testing.RawConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What our processes and Envoy say, with values that are used, and with values that Envoy itself refuses. */
@EndToEnd
class NoSecretInProcessesTest {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: p, namespace: agents}
            spec:
              hosts:
              - host: api.example.com
                credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]
              - host: b.example.com
                credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: broken, key: token}}}]
            """;

    private final String good = UUID.randomUUID().toString();
    private final String broken = UUID.randomUUID().toString();
    private final int port = TestSidecar.nextPort();
    private final int proxyPort = TestSidecar.nextPort();
    private final int ready = TestSidecar.nextPort();

    @TempDir
    private Path dir;

    @Test
    @DisplayName(
            "SEC-16 xds-server, sidecar, status, denials, render, explain and check as processes, metrics, access log and thread dumps have no value")
    void theProcessesTellNobody() throws Exception {
        Path state = dir.resolve("state");
        Path secrets = secretDirectory();
        Path policies = Files.createDirectories(dir.resolve("policies"));
        Path policy = Files.writeString(policies.resolve("policy.yaml"), POLICY);
        Files.writeString(
                policies.resolve("secrets.yaml"),
                Machine.secret("api", "token", good) + "---\n"
                        + Machine.secret("broken", "token", broken + "\\t" + broken));
        Files.writeString(dir.resolve("public-roots.pem"), Internet.get().publicRoots());
        Leaks leaks = new Leaks(Set.of(good, broken));
        try (XdsServerProcess server = XdsServerProcess.start(dir, state, port)) {
            Process sidecar = sidecar(state);
            try {
                use(state);
                for (List<String> tool : List.of(
                        List.of("status", "--state", state.toString()),
                        List.of(
                                "denials",
                                "--access-log",
                                dir.resolve("access.jsonl").toString()),
                        List.of("render", "--policy", policy.toString(), "--secrets", secrets.toString()),
                        List.of("explain", "--policy", policies.toString(), "https://api.example.com/"),
                        List.of("check", "--secrets", secrets.toString(), policy.toString()))) {
                    String said = RunShell.tool(dir, tool.toArray(String[]::new));
                    assertThat(said).as("%s", tool).isNotBlank().doesNotContain("Unknown option");
                    leaks.text(tool.get(0), said);
                }
                server.dumpThreads();
                assertThat(server.metrics()).contains("sallyport_xds_streams");
                leaks.text("metrics", server.metrics())
                        .text("xds-server", server.log())
                        .processes();
            } finally {
                sidecar.destroy();
                assertThat(sidecar.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
            leaks.files(dir, file -> file.startsWith(secrets) || file.endsWith("policies/secrets.yaml"));
        }
        assertThat(Files.readString(dir.resolve("access.jsonl"))).as("control").contains("host_not_allowed");
        assertThat(leaks.found()).isEmpty();
        assertThat(leaks.places()).isGreaterThan(20);
    }

    @Test
    @DisplayName("SEC-16 a secret that Envoy refuses is in neither its own words, nor ours, nor the status")
    void refusedSecretsTellNobody() throws Exception {
        String marker = UUID.randomUUID().toString();
        // The private keys of leaves.
        Without sense = secret -> secret.findParents("private_key")
                .forEach(leaf -> ((ObjectNode) leaf).putObject("private_key").put("inline_string", marker));
        Logger logger = (Logger) LoggerFactory.getLogger("dev.sallyport");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.DEBUG);
        try (Machine machine = Machine.with(Machine.P);
                AlteredControlPlane altered = AlteredControlPlane.start(machine, sense);
                TestSidecar sidecar = altered.startSidecar(Machine.AGENTS_P)) {
            eventually(() -> assertThat(altered.sidecars())
                    .anyMatch(status -> !status.rejected().isEmpty()));
            String logged = List.copyOf(log.list).stream()
                    .map(event -> event.getFormattedMessage() + "\n")
                    .collect(Collectors.joining());
            assertThat(logged).as("control: it was told").contains("Failed to load private key");
            assertThat(new Leaks(Set.of(marker))
                            .text("log", logged)
                            .text("status", altered.sidecars().toString())
                            .text("what Envoy said", String.join("\n", sidecar.errors()))
                            .files(machine.directory(), file -> false)
                            .processes()
                            .found())
                    .isEmpty();
        } finally {
            logger.detachAppender(log);
            logger.setLevel(null);
        }
    }

    @Test
    @DisplayName("SEC-16 control: an Envoy at level debug prints credentials, so no command offers a level")
    void debugWouldTell() throws Exception {
        try (Machine machine = Machine.with(Machine.P)) {
            TestSidecar sidecar = machine.talkativeSidecar();
            assertThat(machine.app(sidecar).get("api.example.com", "/e").status())
                    .isEqualTo(200);

            eventually(() -> assertThat(new Leaks(Set.of(Machine.KEY))
                            .text("what Envoy said", String.join("\n", sidecar.errors()))
                            .found())
                    .isNotEmpty());
        }
        for (String command : List.of("run", "sidecar", "demo")) {
            assertThat(RunShell.tool(dir, command, "--help")).contains("Usage").doesNotContain("level");
        }
    }

    /** Values in files, as Kubernetes mounts them. */
    private Path secretDirectory() throws IOException {
        Path secrets = dir.resolve("mounted");
        Files.createDirectories(secrets.resolve("api"));
        Files.createDirectories(secrets.resolve("broken"));
        Files.writeString(secrets.resolve("api/token"), good);
        Files.writeString(secrets.resolve("broken/token"), broken + "\t" + broken);
        return secrets;
    }

    private Process sidecar(Path state) throws IOException {
        return new ProcessBuilder(RunShell.command(
                        dir,
                        List.of(
                                "sidecar",
                                "--workload",
                                "agents/p",
                                "--xds",
                                "127.0.0.1:" + port,
                                "--token-file",
                                state.resolve("tokens/agents/p/token").toString(),
                                "--ca-file",
                                state.resolve("xds-ca.pem").toString(),
                                "--proxy-port",
                                String.valueOf(proxy().getPort()),
                                "--ready",
                                "127.0.0.1:" + ready,
                                "--access-log",
                                dir.resolve("access.jsonl").toString())))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("sidecar.log").toFile())
                .start();
    }

    private InetSocketAddress proxy() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), proxyPort);
    }

    /** One request of each kind: served, without its credential, refused. */
    private void use(Path state) {
        App app = new App(proxy(), state.resolve("trust/agents/p/ca.pem"));
        eventually(() -> {
            try (RawConnection connection = RawConnection.open(proxy())) {
                assertThat(connection.connect("other.example.com:443").status()).isEqualTo(403);
            } catch (IOException notYet) {
                throw new AssertionError(notYet);
            }
        });
        assertThat(app.get("api.example.com", "/e").body()).contains(good);
        assertThat(app.get("b.example.com", "/e").status()).isEqualTo(500);
        eventually(
                () -> assertThat(Files.readString(dir.resolve("access.jsonl"))).contains("credential_unavailable"));
    }
}
