package dev.sallyport.xds;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.snapshot.ResourceType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Sidecars that do not read, and what is held for them: what Netty's allocator has handed out. */
class SlowReaderTest {
    private static final int STALLED = 20;
    private static final int KILOBYTE = 1 << 10;
    private static final int MEGABYTE = 1 << 20;

    /** What a connection needs for itself, and what the allocator rounds up. */
    private static final int OVERHEAD = 24 * KILOBYTE;

    private final List<RawSidecar> stalled = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (RawSidecar sidecar : stalled) {
            sidecar.close();
        }
    }

    private static StreamLimits limits(int responseBytes, Duration ackTimeout) {
        return new StreamLimits(
                1 << 20, 1_000, 100, 100, responseBytes, ackTimeout, Duration.ofSeconds(5), Duration.ofSeconds(17));
    }

    private void stall(TestServer server, int sidecars, ResourceType... types) throws IOException {
        for (int i = 0; i < sidecars; i++) {
            RawSidecar sidecar =
                    new RawSidecar(server, server.token("stalled" + i, TestSnapshot.WORKLOAD, Duration.ofHours(1)), 1);
            stalled.add(sidecar);
            for (ResourceType type : types) {
                sidecar.asks(type, type == ResourceType.ROUTE || type == ResourceType.SECRET ? names() : new String[0]);
            }
        }
    }

    private static String[] names() {
        return new String[] {"x"};
    }

    private static double responses(TestServer server) {
        double responses = 0;
        for (String type : List.of("cluster", "listener", "route", "secret")) {
            responses += server.count("responses", "type", type);
        }
        return responses;
    }

    @Test
    @DisplayName(
            "FAULT-06: of sidecars that read a byte now and then at most 64 KB each are held; at the deadline they are dropped and it is free again; a neighbour does not notice")
    void holdsLittleForStalledReaders() throws Exception {
        TestSnapshot snapshot = TestSnapshot.ofEachType("r1", 30 * KILOBYTE);
        try (TestServer server = new TestServer(
                        limits(32 * KILOBYTE, Duration.ofSeconds(3)), ConnectionLimits.DEFAULT, snapshot);
                AdsClient client = server.client()) {
            double before = server.gauge("buffers");
            stall(server, STALLED, ResourceType.values());
            eventually(() -> assertThat(responses(server)).isEqualTo(2 * STALLED));
            for (RawSidecar sidecar : stalled) {
                sidecar.reads(1);
            }

            AdsClient.Stream neighbour = client.open(server.token());
            neighbour.asks(ResourceType.SECRET, "x");
            neighbour.acks(neighbour.receives());
            assertThat(responses(server)).as("nothing more goes out to them").isEqualTo(2 * STALLED + 1);
            System.out.printf(
                    "held for each of %d stalled sidecars: %.0f KB%n",
                    STALLED, (server.gauge("buffers") - before) / STALLED / KILOBYTE);
            assertThat(server.gauge("buffers") - before)
                    .isBetween(STALLED * 30.0 * KILOBYTE, STALLED * (64.0 * KILOBYTE + OVERHEAD));

            eventually(() -> assertThat(server.count("ended", "reason", "not_acknowledged"))
                    .isEqualTo(STALLED));
            eventually(() -> assertThat(server.gauge("connections")).isEqualTo(1));
            eventually(() -> assertThat(server.gauge("buffers") - before).isLessThan(STALLED * KILOBYTE));
            neighbour.asks(ResourceType.CLUSTER);
            neighbour.acks(neighbour.receives());
        }
    }

    @Test
    @DisplayName("FAULT-06, positive control: without the limit everything that they asked for is held for them")
    void holdsEverythingWithoutTheLimit() throws Exception {
        TestSnapshot snapshot = TestSnapshot.ofEachType("r1", 30 * KILOBYTE);
        try (TestServer server =
                new TestServer(limits(MEGABYTE, Duration.ofMinutes(1)), ConnectionLimits.DEFAULT, snapshot)) {
            double before = server.gauge("buffers");
            stall(server, STALLED, ResourceType.values());

            eventually(() ->
                    assertThat(server.gauge("buffers") - before).isGreaterThan(STALLED * (64.0 * KILOBYTE + OVERHEAD)));
        }
    }

    @Test
    @DisplayName(
            "FAULT-06: all responses that are too large for that share one room; who does not read one in time makes room for a neighbour")
    void boundsLargeResponses() throws Exception {
        LargeResponseLimits two = new LargeResponseLimits(5 * MEGABYTE / 2, Duration.ofMillis(500));
        TestSnapshot snapshot = TestSnapshot.ofEachType("r1", MEGABYTE);
        try (TestServer server = new TestServer(FakeSidecar.LIMITS, ConnectionLimits.DEFAULT, two, snapshot);
                AdsClient client = server.client()) {
            double before = server.gauge("buffers");
            stall(server, 6, ResourceType.CLUSTER);
            eventually(() -> assertThat(server.gauge("large.responses")).isGreaterThan(2.0 * MEGABYTE));
            assertThat(server.gauge("buffers") - before).isLessThan(3.0 * MEGABYTE);

            AdsClient.Stream neighbour = client.open(server.token());
            neighbour.asks(ResourceType.CLUSTER);
            neighbour.acks(neighbour.receives());

            eventually(
                    () -> assertThat(server.count("ended", "reason", "stalled")).isGreaterThanOrEqualTo(2));
            assertThat(server.gauge("buffers") - before).isLessThan(4.0 * MEGABYTE);
        }
    }

    @Test
    @DisplayName("FAULT-06, positive control: with room out of reach every one of them has its copy")
    void holdsEveryLargeResponseWithoutTheLimit() throws Exception {
        LargeResponseLimits all = new LargeResponseLimits(Long.MAX_VALUE / 2, Duration.ofSeconds(5));
        TestSnapshot snapshot = TestSnapshot.ofEachType("r1", MEGABYTE);
        try (TestServer server = new TestServer(FakeSidecar.LIMITS, ConnectionLimits.DEFAULT, all, snapshot)) {
            double before = server.gauge("buffers");
            stall(server, 6, ResourceType.CLUSTER);

            eventually(() -> assertThat(server.gauge("buffers") - before).isGreaterThan(6.0 * MEGABYTE));
        }
    }
}
