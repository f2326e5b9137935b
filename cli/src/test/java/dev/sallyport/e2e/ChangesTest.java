package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Policies that are edited under running sidecars. */
@EndToEnd
class ChangesTest {
    private static final PolicyId OTHER = new PolicyId("agents", "other");
    private static final String OTHER_POLICY = """
            ---
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: other, namespace: agents}
            spec: {hosts: [{host: c.example.com}]}
            """;

    private final Machine machine = Machine.with(Machine.P + OTHER_POLICY);
    private TestSidecar sidecar;
    private App app;

    @SuppressWarnings("NullAway.Init") // Before each test.
    ChangesTest() {}

    @BeforeEach
    void start() {
        sidecar = machine.sidecar();
        app = machine.app(sidecar);
    }

    @AfterEach
    void stop() throws IOException {
        machine.close();
    }

    @Test
    @DisplayName("DEC-07 a policy that stops compiling denies everything and says so; other workloads notice nothing")
    void deniesEverythingWhenThePolicyIsBroken() throws Exception {
        App other = machine.app(OTHER, machine.sidecar(OTHER));
        try (RawConnection open = app.tls("b.example.com");
                Load load = Load.start(2, other, "c.example.com")) {
            assertThat(get(open, "b.example.com").status()).isEqualTo(200);
            load.awaitMore(10);

            machine.policies(Machine.P.replace("host: b.example.com", "host: b..example.com") + OTHER_POLICY);

            eventually(() -> {
                HttpReply refused = app.connect("api.example.com:443");
                assertThat(refused.status()).isEqualTo(403);
                assertThat(refused.header("x-sallyport-reason")).contains("host_not_allowed");
                assertThat(refused.body()).contains("not accepted");
            });
            eventually(() -> assertThat(get(open, "b.example.com").status()).isNotEqualTo(200));
            load.awaitMore(20);
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(2);
        }
        assertThat(machine.status(Machine.AGENTS_P).accepted()).isFalse();
    }

    @Test
    @DisplayName("DEC-08 a host of one workload is refused in another one's sidecar")
    void keepsWorkloadsApart() {
        App other = machine.app(OTHER, machine.sidecar(OTHER));

        assertThat(other.connect("c.example.com:443").status()).isEqualTo(200);
        assertThat(app.connect("c.example.com:443").header("x-sallyport-reason"))
                .contains("host_not_allowed");
        assertThat(other.connect("api.example.com:443").header("x-sallyport-reason"))
                .contains("host_not_allowed");
    }

    @Test
    @DisplayName("DEC-09 a host that is added works, and downloads and WebSockets of others go on")
    void addsAHostUnderOpenStreams() throws Exception {
        try (RawConnection events = app.tls("b.example.com");
                RawConnection socket = webSocket();
                Load load = Load.start(2, app, "b.example.com")) {
            events.request("GET /sse?n=0&ms=20 HTTP/1.1", "Host: b.example.com");
            assertThat(events.in().readNBytes(100)).hasSize(100);
            echo(socket, "before");

            machine.policies(Machine.P + "  - host: c.example.com\n" + OTHER_POLICY);

            eventually(
                    () -> assertThat(app.connect("c.example.com:443").status()).isEqualTo(200));
            // From the first 200 on there is a certificate, routes, everything.
            assertThat(app.get("c.example.com", "/e").status()).isEqualTo(200);
            machine.awaitCurrent();
            assertThat(events.in().readNBytes(500)).hasSize(500);
            echo(socket, "after");
            load.awaitMore(20);
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(2);
        }
        assertThat(sidecar.errors()).isEmpty();
    }

    @Test
    @DisplayName(
            "DEC-09 while hosts come one after the other, each is refused until it works, and others notice nothing")
    void addsManyHostsUnderLoad() throws Exception {
        try (Load load = Load.start(4, app, "api.example.com")) {
            StringBuilder hosts = new StringBuilder(Machine.P);
            for (int i = 0; i < 5; i++) {
                String host = "added" + i + ".example.com";
                Internet.get().dns().put(host, "203.0.113.10");
                assertThat(app.connect(host + ":443").status()).isEqualTo(403);
                machine.policies(hosts.append("  - host: ").append(host).append('\n') + OTHER_POLICY);
                eventually(() -> assertThat(app.connect(host + ":443").status()).isEqualTo(200));
                assertThat(app.get(host, "/e").status()).isEqualTo(200);
            }
            load.awaitMore(20);
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(4);
        }
    }

    @Test
    @DisplayName("DEC-10 a host that is removed is refused at once, also on an open tunnel; others are not touched")
    void removesAHostUnderAnOpenTunnel() throws Exception {
        try (RawConnection tunnel = app.tls("b.example.com");
                Load load = Load.start(2, app, "api.example.com")) {
            assertThat(get(tunnel, "b.example.com").status()).isEqualTo(200);
            load.awaitMore(10);

            machine.policies(Machine.P.replace("  - host: b.example.com\n", "") + OTHER_POLICY);

            eventually(() -> {
                HttpReply refused = get(tunnel, "b.example.com");
                assertThat(refused.status()).isEqualTo(403);
                assertThat(refused.header("x-sallyport-reason")).contains("host_not_allowed");
            });
            eventually(
                    () -> assertThat(app.connect("b.example.com:443").status()).isEqualTo(403));
            load.awaitMore(20);
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName(
            "DEC-10 XDS-04 a host that is removed while the control plane is away: 403 on its open tunnels, as from one that saw it go")
    void refusesARemovedHostAfterARestart() throws Exception {
        try (RawConnection removed = app.tls("b.example.com");
                RawConnection denied = app.tls("api.example.com")) {
            assertThat(get(removed, "b.example.com").status()).isEqualTo(200);
            assertThat(get(denied, "api.example.com").status()).isEqualTo(200);

            machine.stopControlPlane();
            machine.policies("""
                    apiVersion: sallyport.dev/v1alpha1
                    kind: EgressPolicy
                    metadata: {name: p, namespace: agents}
                    spec:
                      hosts:
                      - {host: own.example.com}
                      - {host: api.example.com, action: Deny}
                    """ + OTHER_POLICY);
            machine.startControlPlane();

            eventually(() -> assertThat(get(removed, "b.example.com").header("x-sallyport-reason"))
                    .contains("host_not_allowed"));
            eventually(() -> assertThat(get(denied, "api.example.com").header("x-sallyport-reason"))
                    .contains("host_denied"));
            assertThat(get(removed, "b.example.com").status()).isEqualTo(403);
            assertThat(get(denied, "api.example.com").status()).isEqualTo(403);
        }
    }

    @Test
    @DisplayName("DEC-10 a running download of a host that is removed ends within the drain time")
    void endsStreamsOfARemovedHost() throws Exception {
        try (RawConnection events = app.tls("b.example.com")) {
            events.request("GET /sse?n=0&ms=100 HTTP/1.1", "Host: b.example.com");
            assertThat(events.in().readNBytes(100)).hasSize(100);

            machine.policies(Machine.P.replace("  - host: b.example.com\n", "") + OTHER_POLICY);

            // Without end unless the sidecar ends it.
            assertThat(events.in().readAllBytes()).isNotNull();
        } catch (IOException reset) {
            assertThat(reset).hasMessageNotContaining("timed out");
        }
    }

    @Test
    @DisplayName("DEC-11 the order of entries changes nothing: same revision, nothing is sent")
    void ignoresTheOrderOfEntries() {
        String revision = machine.status(Machine.AGENTS_P).revision();
        String reordered = Machine.P.replace("  - host: b.example.com\n", "") + "  - host: b.example.com\n";

        machine.policies(reordered + OTHER_POLICY + "  # seen\n");
        // Something that is seen for certain, so that the edit was.
        machine.policies(reordered + OTHER_POLICY.replace("c.example.com", "own.example.com"));
        eventually(() -> assertThat(machine.status(OTHER).policy().orElseThrow().toString())
                .contains("own.example.com"));

        assertThat(machine.status(Machine.AGENTS_P).revision()).isEqualTo(revision);
    }

    private RawConnection webSocket() throws IOException {
        RawConnection socket = app.tls("api.example.com");
        socket.request(
                "GET /ws HTTP/1.1",
                "Host: api.example.com",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 13");
        assertThat(socket.bodilessReply().status()).isEqualTo(101);
        return socket;
    }

    private static void echo(RawConnection socket, String text) throws IOException {
        // One text frame, masked with zeros.
        socket.send("\u0081" + (char) (0x80 | text.length()) + "\0\0\0\0" + text);
        assertThat(new String(socket.in().readNBytes(2 + text.length()), StandardCharsets.ISO_8859_1))
                .isEqualTo("\u0081" + (char) text.length() + text);
    }

    private static HttpReply get(RawConnection connection, String host) throws IOException {
        return connection.request("GET /e HTTP/1.1", "Host: " + host).reply();
    }
}
