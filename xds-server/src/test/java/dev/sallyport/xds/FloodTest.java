package dev.sallyport.xds;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.testing.Envoys;
import dev.sallyport.testing.Http2Client;
import dev.sallyport.testing.LongRun;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TestPki;
import dev.sallyport.testing.UpstreamRequest.Header;
import dev.sallyport.xds.RealWorkload.Hosts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that flood the port which sidecars use, while a real Envoy is connected: it keeps its stream and gets the next change. */
class FloodTest {
    private static final int THREADS = 8;
    private static final int SMALL_HANDSHAKES = 250;
    private static final int UNTIL_CLOSED = Integer.MAX_VALUE;
    private static final String TOKENLESS = "Bearer nobody";
    private static final ConnectionLimits OUT_OF_REACH =
            new ConnectionLimits(1_000_000, 1_000_000, 1_000_000, Duration.ofHours(1), 4, 0.85);

    /** Each attack comes from an address of its own, as from a machine of its own. */
    private static final AtomicInteger NEXT_ADDRESS = new AtomicInteger(1);

    private static final TestPki UPSTREAM_PKI = new TestPki("upstream roots");

    @TempDir
    private Path directory;

    private final String attacker = "127.2.0." + NEXT_ADDRESS.getAndIncrement();
    private RealWorkload workload;
    private TestServer server;
    private RunningSidecar envoy;
    private Instant connected;

    @SuppressWarnings("NullAway.Init") // Before each test.
    FloodTest() {}

    @BeforeEach
    void startEnvoy() throws Exception {
        SidecarPorts ports = RunningSidecar.freePorts();
        workload = new RealWorkload(1, UPSTREAM_PKI.rootPem(), ports);
        server = new TestServer(StreamLimits.DEFAULT, ConnectionLimits.DEFAULT);
        server.snapshots.publish(workload.snapshot("r1", Hosts.of("a.test")));
        server.token();
        envoy = new RunningSidecar(Envoys.pinned(), directory, ports, server, "good", workload.caPem());
        envoy.awaitReady();
        connected = awaitHeld("r1");
    }

    @AfterEach
    void stop() {
        envoy.close();
        server.close();
    }

    /** When Envoy connected, as soon as it holds that revision. */
    private Instant awaitHeld(String revision) {
        eventually(() -> assertThat(envoyStatus().held()).contains(revision));
        return envoyStatus().since();
    }

    private SidecarStatus envoyStatus() {
        return server.server.sidecars().sidecars().stream()
                .filter(status -> status.sidecar().equals("sidecar-good"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("Envoy is not connected"));
    }

    /** Envoy gets a change, on the stream that it had before. */
    private void assertEnvoyIsServed() {
        server.snapshots.publish(workload.snapshot("r2", Hosts.of("a.test").with("a.test", "key-2")));
        assertThat(awaitHeld("r2")).isEqualTo(connected);
    }

    /** How many of that many TLS handshakes were completed. */
    private static int handshakes(TestServer server, String from, int attempts) throws InterruptedException {
        AtomicInteger completed = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        for (int i = 0; i < attempts; i++) {
            threads.execute(() -> {
                try {
                    server.connectTls(from).close();
                    completed.incrementAndGet();
                } catch (IOException refused) {
                    // What this is about.
                }
            });
        }
        threads.shutdown();
        assertThat(threads.awaitTermination(5, TimeUnit.MINUTES)).isTrue();
        return completed.get();
    }

    @Test
    @DisplayName(
            "HOS-05: TLS handshakes without a token from one address: its burst and no more, the others are counted")
    void limitsHandshakes() throws Exception {
        int attempts = LongRun.of("TLS handshakes without a token", 400, 10_000);
        Instant begin = Instant.now();

        int completed = handshakes(server, attacker, attempts);

        long seconds = Duration.between(begin, Instant.now()).toSeconds() + 1;
        ConnectionLimits limits = ConnectionLimits.DEFAULT;
        assertThat(completed)
                .isLessThanOrEqualTo((int) (limits.handshakeBurst() + limits.handshakesPerSecond() * seconds));
        eventually(() -> assertThat(server.count("connections.refused", "reason", "rate"))
                .isGreaterThanOrEqualTo(attempts - completed));
        eventually(() -> assertThat(server.count("connections.refused", "reason", "gone"))
                .isEqualTo(completed));
        assertEnvoyIsServed();
    }

    @Test
    @DisplayName("HOS-05, positive control: with the limits out of reach every one of them is completed")
    void completesHandshakesWithoutTheLimit() throws Exception {
        try (TestServer unguarded = new TestServer(StreamLimits.DEFAULT, OUT_OF_REACH)) {
            assertThat(handshakes(unguarded, attacker, SMALL_HANDSHAKES)).isEqualTo(SMALL_HANDSHAKES);
        }
    }

    @Test
    @DisplayName(
            "HOS-05: TCP connections that never begin TLS, from many addresses: as many as may wait, for as long as they may, and counted")
    void limitsIdleConnections() throws Exception {
        int attempts = LongRun.of("TCP connections that say nothing", 300, 6_000);
        int most = LongRun.of("of them that may wait", 100, 4_096);
        ConnectionLimits defaults = ConnectionLimits.DEFAULT;
        ConnectionLimits limits = new ConnectionLimits(
                defaults.handshakesPerSecond(),
                defaults.handshakeBurst(),
                most,
                Duration.ofSeconds(8),
                defaults.maxStreamsPerSidecar(),
                defaults.fullestHeap());
        TestSnapshot snapshot = TestSnapshot.ofEachType("r1", 10);
        List<RawConnection> silent = new ArrayList<>();
        try (TestServer flooded = new TestServer(StreamLimits.DEFAULT, limits, snapshot);
                AdsClient client = flooded.client()) {
            AdsClient.Stream neighbour = client.open(flooded.token());
            neighbour.asks(ResourceType.SECRET, "x");
            neighbour.acks(neighbour.receives());
            for (int i = 0; i < attempts; i++) {
                silent.add(flooded.connect("127.3." + i / 150 + ".1"));
            }
            eventually(() -> assertThat(flooded.count("connections.refused", "reason", "too_many"))
                    .isGreaterThanOrEqualTo(attempts - most - 1));
            assertThat(flooded.gauge("connections")).isLessThanOrEqualTo(most + 1);
            within(
                    Duration.ofMinutes(1),
                    () -> assertThat(flooded.gauge("connections"))
                            .as("in the end only the neighbour is there")
                            .isEqualTo(1));
            assertThat(ended(flooded)).isGreaterThanOrEqualTo(most - 1);
            neighbour.asks(ResourceType.CLUSTER);
            neighbour.acks(neighbour.receives());
        } finally {
            for (RawConnection connection : silent) {
                connection.close();
            }
        }
        assertEnvoyIsServed();
    }

    /** Connections that ended without having shown a token, by themselves or at the deadline. */
    private static double ended(TestServer server) {
        return server.count("connections.refused", "reason", "gone")
                + server.count("connections.refused", "reason", "no_token");
    }

    /** Sends frames until the server closes the connection; false when all of them were taken. */
    private boolean isClosedFor(byte[] frames, int times) throws IOException {
        try (RawConnection connection = server.connectTls(attacker)) {
            Http2Client client = new Http2Client(connection);
            for (int i = 0; i < times; i++) {
                connection.send(frames);
            }
            client.send(Http2Client.PING, 0, 0, "the end.".getBytes(StandardCharsets.US_ASCII));
            for (Http2Client.Frame frame = client.next(); frame != null; frame = client.next()) {
                if (frame.type() == Http2Client.PING && frame.payload().equals("the end.")) {
                    return false;
                }
            }
            return true;
        } catch (SocketException | SSLException closed) {
            return true;
        }
    }

    /** That the flood ends its connection and is counted, a little of it does not, and Envoy notices nothing. */
    private void assertEnded(byte[] few, byte[] frames, int times) throws IOException {
        assertThat(isClosedFor(few, 1)).as("a little is nothing unusual").isFalse();
        double before = ended(server);
        assertThat(isClosedFor(frames, times)).isTrue();
        eventually(() -> assertThat(ended(server)).isGreaterThan(before));
        assertEnvoyIsServed();
    }

    private static byte[] head() {
        return Http2Client.block(RawSidecar.headers("/x/y", TOKENLESS));
    }

    private static byte[] repeated(byte[] bytes, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    private static byte[] resets(int streams) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < streams; i++) {
            frames.writeBytes(Http2Client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS, 2 * i + 1, head()));
            frames.writeBytes(Http2Client.frame(Http2Client.RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8}));
        }
        return frames.toByteArray();
    }

    @Test
    @DisplayName("HOS-05: HTTP/2 rapid reset: the connection is closed and counted; Envoy keeps its stream")
    void endsARapidReset() throws Exception {
        assertEnded(resets(20), resets(LongRun.of("streams opened and reset", 1_000, 50_000)), 1);
    }

    @Test
    @DisplayName(
            "HOS-05: a header block that never ends, by full CONTINUATION frames: the connection is closed and counted")
    void endsAContinuationFlood() throws Exception {
        int frames = LongRun.of("CONTINUATION frames", 1_000, 50_000);
        byte[] begin = Http2Client.frame(Http2Client.HEADERS, 0, 1, head());
        byte[] little =
                concat(begin, Http2Client.frame(Http2Client.CONTINUATION, Http2Client.END_HEADERS, 1, field(100)));

        assertEnded(
                little,
                concat(begin, repeated(Http2Client.frame(Http2Client.CONTINUATION, 0, 1, field(8_000)), frames)),
                1);
    }

    @Test
    @DisplayName(
            "HOS-05: a header block that never ends, by empty CONTINUATION frames: the connection is closed and counted")
    void endsAnEmptyContinuationFlood() throws Exception {
        int frames = LongRun.of("empty CONTINUATION frames", 10_000, 500_000);
        byte[] begin = Http2Client.frame(Http2Client.HEADERS, 0, 1, head());
        byte[] little =
                concat(begin, Http2Client.frame(Http2Client.CONTINUATION, Http2Client.END_HEADERS, 1, field(100)));

        assertEnded(
                little,
                concat(begin, repeated(Http2Client.frame(Http2Client.CONTINUATION, 0, 1, new byte[0]), frames)),
                1);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }

    private static byte[] field(int bytes) {
        return Http2Client.block(new Header("x-filler", "x".repeat(bytes)));
    }

    @Test
    @DisplayName("HOS-05: pings without end: the connection is closed and counted")
    void endsAPingFlood() throws Exception {
        byte[] ping = Http2Client.frame(Http2Client.PING, 0, 0, new byte[8]);
        assertEnded(ping, repeated(ping, LongRun.of("pings", 1_000, 100_000)), 1);
    }

    @Test
    @DisplayName(
            "HOS-05: settings without end: the connection is cut when its time to show a token is over, and counted")
    void endsASettingsFlood() throws Exception {
        byte[] settings = Http2Client.frame(
                Http2Client.SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) 4).putInt(65_535).array());
        byte[] thousand = repeated(settings, 1_000);
        assertEnded(settings, thousand, UNTIL_CLOSED);
    }

    @Test
    @DisplayName("HOS-05: header lists of a megabyte: refused, nothing is kept; Envoy keeps its stream")
    void refusesHugeHeaderLists() throws Exception {
        byte[] begin = Http2Client.frame(Http2Client.HEADERS, 0, 1, head());
        byte[] huge = concat(
                concat(begin, repeated(Http2Client.frame(Http2Client.CONTINUATION, 0, 1, field(15_000)), 70)),
                Http2Client.frame(Http2Client.CONTINUATION, Http2Client.END_HEADERS, 1, field(10)));
        byte[] little =
                concat(begin, Http2Client.frame(Http2Client.CONTINUATION, Http2Client.END_HEADERS, 1, field(1_000)));

        assertEnded(little, huge, 1);
    }

    @Test
    @DisplayName(
            "HOS-06: ten thousand requests a second on one authenticated stream are read at the stream's rate and counted; Envoy does not wait")
    void slowsAFloodOfRequestsDown() throws Exception {
        int requests = LongRun.of("requests as fast as they go, on one stream", 10_000, 100_000);
        try (AdsClient client = server.client()) {
            AdsClient.Stream flood = client.open(server.token("flood", TestSnapshot.WORKLOAD, Duration.ofHours(1)));
            for (int i = 0; i < requests; i++) {
                flood.asks(ResourceType.SECRET, "none");
            }
            eventually(() -> assertThat(server.count("throttled")).isPositive());
            assertEnvoyIsServed();
            assertThat(flood.end.isDone()).isFalse();
        }
    }

    @Test
    @DisplayName("HOS-06, positive control: with the rate out of reach the same requests are all read at once")
    void readsEverythingWithoutTheLimit() throws Exception {
        StreamLimits unlimited = new StreamLimits(
                1 << 20,
                16_384,
                1_000_000,
                1_000_000,
                32 << 10,
                Duration.ofSeconds(60),
                Duration.ofSeconds(5),
                Duration.ofSeconds(17));
        try (TestServer unguarded =
                        new TestServer(unlimited, ConnectionLimits.DEFAULT, TestSnapshot.ofEachType("r1", 10));
                AdsClient client = unguarded.client()) {
            AdsClient.Stream flood = client.open(unguarded.token());
            for (int i = 0; i < 5_000; i++) {
                flood.asks(ResourceType.SECRET, "none-" + i % 10);
            }
            flood.asks(ResourceType.SECRET, "x");
            eventually(() -> assertThat(flood.responses).anyMatch(response -> response.getResourcesCount() == 1));
            assertThat(unguarded.count("throttled")).isZero();
        }
    }
}
