package dev.sallyport.xds;

import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.testing.LongRun;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A fleet that loses its control plane, or is told to come back, all at once. Each sidecar has a TLS connection of its own, from an address of its own. */
class FleetTest {
    private static final int SIDECARS = LongRun.of("sidecars that reconnect at once", 200, 2_000);
    private static final int HOSTS = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Of heap for each sidecar, both ends of its connection together; and for what is there but once. */
    private static final double MOST_BYTES_EACH = 200 << 10;

    private static final double MOST_BYTES_ONCE = 32 << 20;

    private final ScheduledExecutorService backOff = Executors.newScheduledThreadPool(1);

    @AfterEach
    void stopTimer() {
        backOff.shutdownNow();
    }

    private static TestSnapshot snapshot(String revision) {
        TestSnapshot snapshot = TestSnapshot.ofEachType(revision, 1 << 10);
        for (int i = 0; i < HOSTS; i++) {
            snapshot.secret(TestSnapshot.readable(ResourceType.SECRET, "leaf/" + i, "1", 2 << 10))
                    .secret(TestSnapshot.readable(ResourceType.SECRET, "credential/" + i, "1", 100));
        }
        return snapshot;
    }

    private static void awaitCurrent(TestServer server, String revision) {
        within(
                PATIENCE,
                () -> assertThat(server.server.sidecars().sidecars().stream()
                                .filter(status ->
                                        status.isCurrent() && status.held().equals(Optional.of(revision)))
                                .map(SidecarStatus::sidecar)
                                .distinct()
                                .count())
                        .isEqualTo(SIDECARS));
        within(PATIENCE, () -> assertThat(server.gauge("streams")).isEqualTo(SIDECARS));
    }

    private static double heap() {
        ManagementFactory.getMemoryMXBean().gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static double resources(TestServer server) {
        double resources = 0;
        for (String type : List.of("cluster", "listener", "route", "secret")) {
            resources += server.count("resources", "type", type) + server.count("removed", "type", type);
        }
        return resources;
    }

    @Test
    @DisplayName(
            "FAULT-07: sidecars that reconnect all at once, and all again before they are done: all current, nothing sent again, heap as before")
    void takesAFleetBack() throws Exception {
        TestSnapshot snapshot = snapshot("r1");
        List<String> secrets = List.copyOf(snapshot.secretNames());
        double empty = heap();
        List<FleetSidecar> fleet = new ArrayList<>();
        try (TestServer server = new TestServer(StreamLimits.DEFAULT, ConnectionLimits.DEFAULT, snapshot)) {
            SslContext tls = AdsClient.trusting(server.pki.rootPem());
            for (int i = 0; i < SIDECARS; i++) {
                String token = server.token("fleet-" + i, TestSnapshot.WORKLOAD, Duration.ofHours(1));
                fleet.add(new FleetSidecar(i, token, List.of("x"), secrets, backOff));
            }
            fleet.forEach(sidecar -> sidecar.connect(server.server.port(), tls));
            awaitCurrent(server, "r1");
            double sent = resources(server);
            assertThat(sent).isGreaterThanOrEqualTo(SIDECARS * (3.0 + secrets.size()));
            double connected = heap();

            fleet.forEach(sidecar -> sidecar.connect(server.server.port(), tls));
            fleet.forEach(sidecar -> sidecar.connect(server.server.port(), tls));
            awaitCurrent(server, "r1");

            assertThat(resources(server)).as("resources sent").isEqualTo(sent);
            assertThat(server.count("connections.refused", "reason", "rate")).isZero();
            assertThat(heap()).as("heap after it").isLessThan(connected * 1.2 + MOST_BYTES_ONCE);
            assertThat(connected - empty).as("heap").isLessThan(SIDECARS * MOST_BYTES_EACH + MOST_BYTES_ONCE);
            server.snapshots.publish(snapshot("r2"));
            awaitCurrent(server, "r2");
            report(empty, connected, server);
        } finally {
            fleet.forEach(FleetSidecar::close);
        }
    }

    private static void report(double empty, double connected, TestServer server) {
        System.out.printf(
                "%d sidecars: %.0f KB of heap each (both ends), %.0f KB of buffers each%n",
                SIDECARS, (connected - empty) / SIDECARS / 1024, server.gauge("buffers") / SIDECARS / 1024);
    }
}
