package dev.sallyport.xds;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sallyport.snapshot.ResourceType;
import io.grpc.Status;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the server refuses to take, and what it says about that. */
class RefusalTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("dev.sallyport.xds");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(log);
    }

    private List<ILoggingEvent> warnings() {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .toList();
    }

    @Test
    @DisplayName(
            "XDS-16: a request of any size over the limit is one line of the log and counted as that, no stack trace")
    void saysOneLineForALargeRequest() throws Exception {
        TestSnapshot snapshot = TestSnapshot.ofEachType("r1", 1);
        try (TestServer server = new TestServer(snapshot);
                AdsClient client = server.client()) {
            int most = FakeSidecar.LIMITS.maxRequestBytes();
            for (int bytes : new int[] {most, 3 * most, 20 * most}) {
                AdsClient.Stream stream = client.open(server.token());
                stream.asks(ResourceType.SECRET, "x".repeat(bytes));
                assertThat(stream.ends().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            }

            eventually(
                    () -> assertThat(server.count("ended", "reason", "limit")).isEqualTo(3));
            assertThat(server.count("ended", "reason", "client_closed")).isZero();
            assertThat(warnings()).hasSize(3).allSatisfy(event -> {
                assertThat(event.getFormattedMessage()).contains("sidecar-good of agents/p");
                assertThat(event.getThrowableProxy()).isNull();
            });
        }
    }

    @Test
    @DisplayName(
            "FAULT-08: heap nearly full: new streams are refused and counted, streams that are open are served; with room again they are taken")
    void refusesNewStreamsWithoutMemory() throws Exception {
        try (TestServer server = new TestServer(TestSnapshot.ofEachType("r1", 10));
                AdsClient client = server.client()) {
            AdsClient.Stream open = client.open(server.token());
            open.asks(ResourceType.SECRET, "x");
            open.acks(open.receives());

            server.heapUse = 0.9;
            AdsClient.Stream refused = client.open(server.token("n", TestSnapshot.WORKLOAD, Duration.ofHours(1)));
            assertThat(refused.ends().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(refused.responses).isEmpty();
            eventually(
                    () -> assertThat(server.count("refused", "code", "memory")).isEqualTo(1));
            server.snapshots.publish(TestSnapshot.ofEachType("r2", 10));
            assertThat(open.receives().getResources(0).getVersion()).isEqualTo("r2");

            server.heapUse = 0.5;
            AdsClient.Stream taken = client.open(server.token("n", TestSnapshot.WORKLOAD, Duration.ofHours(1)));
            taken.asks(ResourceType.SECRET, "x");
            assertThat(taken.receives().getResourcesCount()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("FAULT-08: how full the heap is is measured after a collection: what is held counts")
    void measuresTheHeap() {
        HeapUse use = new HeapUse();
        ManagementFactory.getMemoryMXBean().gc();
        double before = use.share();
        byte[][] held = new byte[64][1 << 20];
        ManagementFactory.getMemoryMXBean().gc();

        assertThat(use.share()).isGreaterThan(before).isLessThan(1);
        assertThat(held).hasDimensions(64, 1 << 20);
    }
}
