package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.Envoys;
import dev.sallyport.testing.TestNetwork;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real sidecar whose ports others take first. */
class ReadySidecarTest {
    private static final PolicyId P = new PolicyId("agents", "p");

    @TempDir
    private Path dir;

    private final List<String> said = new ArrayList<>();
    private StandaloneControlPlane controlPlane;

    @SuppressWarnings("NullAway.Init") // Before each test.
    ReadySidecarTest() {}

    @BeforeEach
    void serve() throws Exception {
        TestNetwork.require();
        Path policy = Files.writeString(
                dir.resolve("policy.yaml"),
                "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p, namespace: agents}\nspec: {}\n");
        controlPlane = new StandaloneControlPlane(
                StandaloneControlPlane.Options.of(
                        List.of(policy), Optional.empty(), Optional.empty(), dir.resolve("state")),
                new SimpleMeterRegistry(),
                Clock.systemUTC());
        controlPlane.start();
        new FirstSync(controlPlane, Duration.ofSeconds(30)).await(() -> {});
    }

    @AfterEach
    void stop() throws IOException {
        controlPlane.close();
    }

    @Test
    void takesOtherPortsWhenOneIsTaken() throws Exception {
        try (ServerSocket squatter = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<SidecarPorts> drawn = new ArrayList<>();
            try (Sidecar sidecar = start(() -> {
                SidecarPorts free = FreePorts.draw();
                boolean first = drawn.isEmpty();
                drawn.add(
                        first ? new SidecarPorts(squatter.getLocalPort(), 0, "127.0.0.1", free.ready(), false) : free);
                return drawn.get(drawn.size() - 1);
            })) {
                assertThat(drawn).hasSize(2);
                assertThat(sidecar.ports()).isEqualTo(drawn.get(1));
                sidecar.awaitReady(Duration.ofSeconds(5));
                assertThat(said)
                        .filteredOn(line -> line.contains("taken"))
                        .singleElement()
                        .asString()
                        .contains(Integer.toString(squatter.getLocalPort()));
            }
        }
    }

    @Test
    void saysSoWhenEveryPortIsTaken() throws Exception {
        try (ServerSocket squatter = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start(() -> new SidecarPorts(
                                    FreePorts.draw().proxy(), 0, "127.0.0.1", squatter.getLocalPort(), false))
                            .close())
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("took the sidecar's ports 5 times");
        }
    }

    private Sidecar start(ReadySidecar.Ports ports) throws IOException {
        EnvoyBinary envoy = Envoys.underTest();
        Sidecar.Launch launch = new Sidecar.Launch(
                envoy,
                "agents/p/test",
                new ControlPlane("127.0.0.1", controlPlane.listenPort(), StandaloneControlPlane.SERVER_NAME),
                new SidecarFiles(controlPlane.tokenFile(P), controlPlane.xdsCa(), controlPlane.state()),
                List.of(),
                line -> {},
                line -> {});
        return new ReadySidecar(controlPlane, P, said::add, () -> {}).start(launch, ports);
    }
}
