package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.cli.StandaloneControlPlane;
import dev.sallyport.testing.LongRun;
import dev.sallyport.testing.RawConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control planes that die, come back and take over from each other, as processes of their own. */
@EndToEnd
class RestartTest {
    @TempDir
    private Path directory;

    private final int port = TestSidecar.nextPort();

    @BeforeEach
    void writeFiles() throws IOException {
        Files.createDirectories(directory.resolve("policies"));
        Files.writeString(directory.resolve("policies/policy.yaml"), Machine.P);
        Files.writeString(directory.resolve("policies/secret.yaml"), Machine.secret("api", "token", Machine.KEY));
        Files.writeString(directory.resolve("public-roots.pem"), Internet.get().publicRoots());
    }

    @Test
    @DisplayName(
            "FAULT-01 FAULT-11 CERT-12 XDS-04 a control plane killed under load and started again: no failed request, nothing is sent or issued again")
    void survivesItsControlPlane() throws Exception {
        Path state = directory.resolve("state");
        XdsServerProcess first = start(state);
        try (TestSidecar sidecar = sidecar(state);
                Load load = Load.start(4, app(state, sidecar), "api.example.com")) {
            load.awaitMore(50);
            first.kill();
            load.awaitMore(100);
            try (XdsServerProcess second = start(state)) {
                eventually(
                        () -> assertThat(second.metric("sallyport_xds_streams")).isEqualTo(1));
                eventually(() -> assertThat(second.metric("sallyport_xds_converged_seconds_count"))
                        .isEqualTo(1));
                load.awaitMore(100);

                assertThat(second.metric("sallyport_xds_resources_total")).isZero();
                assertThat(second.metric("sallyport_certificates_issued_total")).isZero();
                assertThat(load.failures()).isEmpty();
                assertThat(load.connections()).isEqualTo(4);
                assertThat(second.terminate()).as("exit code after SIGTERM").isZero();
            }
        } finally {
            first.close();
        }
    }

    @Test
    @DisplayName(
            "FAULT-01 XDS-04 a control plane killed under load and started again after a while: no failed request, the stream is back, nothing is sent or issued again")
    void survivesAnOutage() throws Exception {
        Duration outage = Duration.ofSeconds(LongRun.of("seconds without a control plane", 2, 30));
        Path state = directory.resolve("state");
        XdsServerProcess first = start(state);
        try (TestSidecar sidecar = sidecar(state);
                Load load = Load.start(4, app(state, sidecar), "api.example.com")) {
            load.awaitMore(50);
            first.kill();
            Instant end = Instant.now().plus(outage);
            within(outage.plusSeconds(20), () -> assertThat(Instant.now()).isAfter(end));
            load.awaitMore(50);
            try (XdsServerProcess second = start(state)) {
                eventually(
                        () -> assertThat(second.metric("sallyport_xds_streams")).isEqualTo(1));
                eventually(() -> assertThat(second.metric("sallyport_xds_converged_seconds_count"))
                        .isEqualTo(1));
                load.awaitMore(100);

                assertThat(second.metric("sallyport_xds_resources_total")).isZero();
                assertThat(second.metric("sallyport_certificates_issued_total")).isZero();
                assertThat(load.failures()).isEmpty();
                assertThat(load.connections()).isEqualTo(4);
            }
        } finally {
            first.close();
        }
    }

    @Test
    @DisplayName(
            "CERT-05 XDS-05 FAULT-12 a second control plane with the same seed: same CA bytes, and a sidecar that moves to it gets what changed on the way, and nothing else")
    void movesToAnotherControlPlane() throws Exception {
        Path state = directory.resolve("state");
        Path other = directory.resolve("other-state");
        XdsServerProcess first = start(state);
        try (TestSidecar sidecar = sidecar(state)) {
            App app = app(state, sidecar);
            Certificate leaf = leaf(app);
            first.kill();
            Files.createDirectories(other);
            Files.copy(state.resolve("seed"), other.resolve("seed"));
            Files.writeString(
                    directory.resolve("policies/secret.yaml"), Machine.secret("api", "token", "sk-while-away"));
            try (XdsServerProcess second = start(other)) {
                eventually(() ->
                        assertThat(app.get("api.example.com", "/e").body()).contains("x-api-key: sk-while-away"));
                eventually(() -> assertThat(second.metric("sallyport_xds_converged_seconds_count"))
                        .isEqualTo(1));
                // The two credentials of one host.
                assertThat(second.metric("sallyport_xds_resources_total")).isEqualTo(2);
                assertThat(second.metric("sallyport_certificates_issued_total")).isZero();
                assertThat(leaf(app)).isEqualTo(leaf);
                assertThat(Files.readAllBytes(other.resolve("trust/agents/p/ca.pem")))
                        .isEqualTo(Files.readAllBytes(state.resolve("trust/agents/p/ca.pem")));
                assertThat(Files.readAllBytes(other.resolve("xds-ca.pem")))
                        .isEqualTo(Files.readAllBytes(state.resolve("xds-ca.pem")));
            }
        } finally {
            first.close();
        }
    }

    @Test
    @DisplayName(
            "FAULT-02 CAP-12 a sidecar that starts while the control plane is away: not ready, no egress; recovers by itself")
    void waitsForItsControlPlane() throws Exception {
        Path state = directory.resolve("state");
        start(state).kill();
        try (TestSidecar sidecar = startInVain(state)) {
            assertThat(isListening(sidecar.proxy())).isFalse();
            assertThat(isListening(sidecar.readiness())).isFalse();
            try (XdsServerProcess second = start(state)) {
                sidecar.awaitReady();
                assertThat(app(state, sidecar).get("api.example.com", "/e").status())
                        .isEqualTo(200);
                assertThat(second.metric("sallyport_xds_streams")).isEqualTo(1);
            }
        }
    }

    /** One that has tried to reach its control plane. */
    private TestSidecar startInVain(Path state) throws IOException {
        try (ServerSocket nobody = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            TestSidecar sidecar = startSidecar(state);
            nobody.accept().close();
            return sidecar;
        }
    }

    private static boolean isListening(InetSocketAddress address) {
        try (RawConnection connection = RawConnection.open(address)) {
            return !connection.isClosedByPeer();
        } catch (IOException refused) {
            return false;
        }
    }

    private XdsServerProcess start(Path state) throws IOException {
        return XdsServerProcess.start(directory, state, port);
    }

    private TestSidecar sidecar(Path state) throws IOException {
        return startSidecar(state).awaitReady();
    }

    private TestSidecar startSidecar(Path state) throws IOException {
        return TestSidecar.start(
                Files.createTempDirectory(directory, "sidecar-"),
                new ControlPlane(
                        InetAddress.getLoopbackAddress().getHostAddress(), port, StandaloneControlPlane.SERVER_NAME),
                state.resolve("xds-ca.pem"),
                state.resolve("tokens/agents/p/token"));
    }

    private static App app(Path state, TestSidecar sidecar) {
        return new App(sidecar.proxy(), state.resolve("trust/agents/p/ca.pem"));
    }

    private static Certificate leaf(App app) throws IOException {
        try (RawConnection connection = app.tls("api.example.com").patience(Duration.ofSeconds(10))) {
            return connection.serverCertificates()[0];
        }
    }
}
