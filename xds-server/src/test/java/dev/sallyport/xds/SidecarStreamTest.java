package dev.sallyport.xds;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.sallyport.bootstrap.EnvoyVersion;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.identity.WorkloadIdentity;
import dev.sallyport.snapshot.ResourceType;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The stream around its state: flow control, deadlines, limits, ends. Time is turned by hand. */
class SidecarStreamTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SidecarRegistry sidecars = new SidecarRegistry();
    private final FakeSnapshots snapshots = new FakeSnapshots(TestSnapshot.oneHost("r1"));
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final FakeOutbound out = new FakeOutbound();
    private long nanos = 1_000;

    private static final class FakeOutbound implements SidecarStream.Outbound {
        final List<DeltaResponse> sent = new ArrayList<>();
        final List<Status> closed = new ArrayList<>();
        boolean ready = true;
        int requested;

        @Override
        public void cut() {
            closed.add(Status.ABORTED);
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void send(DeltaResponse response) {
            sent.add(response);
        }

        @Override
        public void requestNext() {
            requested++;
        }

        @Override
        public void close(Status status) {
            closed.add(status);
        }
    }

    @AfterEach
    void stopTimer() {
        timer.shutdownNow();
    }

    private SidecarStream open(Duration life) {
        StreamServices services = new StreamServices(
                snapshots,
                FakeSidecar.LIMITS,
                new LargeResponses(LargeResponseLimits.DEFAULT, timer, () -> nanos),
                Runnable::run,
                timer,
                sidecars,
                new XdsMetrics(meters, sidecars),
                Clock.fixed(NOW, ZoneOffset.UTC),
                () -> nanos);
        WorkloadIdentity identity = new WorkloadIdentity(TestSnapshot.WORKLOAD, "pod-1", NOW.plus(life));
        assertThat(sidecars.reserve(identity, 4)).isTrue();
        SidecarStream stream = new SidecarStream(identity, services, out);
        stream.start();
        return stream;
    }

    private static DeltaRequest.Valid asks(ResourceType type, String... names) {
        return new DeltaRequest.Valid(
                new SidecarNode("n", Optional.empty(), SidecarPorts.DEFAULT.toMetadata()),
                type.typeUrl(),
                List.of(names),
                List.of(),
                Map.of(),
                "",
                null);
    }

    private static DeltaRequest.Valid acks(DeltaResponse response) {
        return new DeltaRequest.Valid(
                null, response.type().typeUrl(), List.of(), List.of(), Map.of(), response.nonce(), null);
    }

    private double count(String meter, String... tags) {
        return meters.get("sallyport.xds." + meter).tags(tags).counter().count();
    }

    @Test
    @DisplayName("XDS-12: Envoy older than 1.39 is refused before the first response")
    void refusesAnOldEnvoy() {
        SidecarNode old =
                new SidecarNode("n", Optional.of(new EnvoyVersion(1, 38, 3)), SidecarPorts.DEFAULT.toMetadata());

        open(Duration.ofHours(1))
                .onRequest(new DeltaRequest.Valid(
                        old, ResourceType.CLUSTER.typeUrl(), List.of(), List.of(), Map.of(), "", null));

        assertThat(out.sent).isEmpty();
        assertThat(out.closed).singleElement().satisfies(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(status.getDescription()).contains("1.38.3", "1.39.0 or newer");
        });
        assertThat(count("refused", "code", "envoy_too_old")).isEqualTo(1);
        assertThat(sidecars.sidecars()).isEmpty();
    }

    @Test
    @DisplayName("XDS-12, conformance 32: a sidecar that reports no version, or no node at all, is served")
    void servesAnUnknownEnvoy() {
        open(Duration.ofHours(1))
                .onRequest(new DeltaRequest.Valid(
                        null, ResourceType.CLUSTER.typeUrl(), List.of(), List.of(), Map.of(), "", null));

        assertThat(out.sent).hasSize(1);
    }

    @Test
    @DisplayName("XDS-12: node metadata that is malformed is refused before the first response")
    void refusesMalformedMetadata() {
        Struct metadata = Struct.newBuilder()
                .putFields("sallyport", Value.newBuilder().setStringValue("x").build())
                .build();

        open(Duration.ofHours(1))
                .onRequest(new DeltaRequest.Valid(
                        new SidecarNode("n", Optional.empty(), metadata),
                        ResourceType.CLUSTER.typeUrl(),
                        List.of(),
                        List.of(),
                        Map.of(),
                        "",
                        null));

        assertThat(out.sent).isEmpty();
        assertThat(out.closed).extracting(Status::getCode).containsExactly(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    @DisplayName("XDS-15: 100 changes while a reader is stalled are one message with the newest state")
    void coalescesForAStalledReader() {
        SidecarStream stream = open(Duration.ofHours(1));
        stream.onRequest(asks(ResourceType.SECRET, "credential/a"));
        stream.onRequest(acks(out.sent.get(0)));
        out.ready = false;
        for (int i = 2; i <= 101; i++) {
            snapshots.publish(TestSnapshot.oneHost("r" + i).secret("credential/a", "v" + i));
        }
        assertThat(out.sent).hasSize(1);

        out.ready = true;
        stream.onReady();

        assertThat(out.sent).hasSize(2);
        assertThat(out.sent.get(1).resources())
                .extracting(bytes -> bytes.toStringUtf8())
                .containsExactly("credential/a@v101");
    }

    @Test
    @DisplayName("FAULT-06: a sidecar that never acknowledges is let go at the deadline")
    void endsAStreamThatDoesNotAcknowledge() {
        SidecarStream stream = open(Duration.ofHours(1));
        stream.onRequest(asks(ResourceType.CLUSTER));
        nanos += Duration.ofSeconds(59).toNanos();
        stream.onTime();
        assertThat(out.closed).isEmpty();

        nanos += Duration.ofSeconds(1).toNanos();
        stream.onTime();

        assertThat(out.closed).extracting(Status::getCode).containsExactly(Status.Code.DEADLINE_EXCEEDED);
        assertThat(count("ended", "reason", "not_acknowledged")).isEqualTo(1);
        assertThat(snapshots.watching(TestSnapshot.WORKLOAD)).isZero();
    }

    @Test
    @DisplayName("FAULT-06: a stream without a request ends at the deadline")
    void endsAStreamThatAsksNothing() {
        SidecarStream stream = open(Duration.ofHours(1));
        nanos += Duration.ofSeconds(60).toNanos();

        stream.onTime();

        assertThat(out.closed).extracting(Status::getCode).containsExactly(Status.Code.DEADLINE_EXCEEDED);
    }

    @Test
    @DisplayName("ID-09, conformance 22: a stream ends when its token expires, with OK, never later")
    void endsWithTheToken() {
        SidecarStream stream = open(Duration.ofHours(1));
        stream.onRequest(asks(ResourceType.CLUSTER));
        stream.onRequest(acks(out.sent.get(0)));
        nanos += Duration.ofMinutes(58).toNanos();
        stream.onTime();
        assertThat(out.closed).isEmpty();

        nanos += Duration.ofMinutes(2).toNanos();
        stream.onTime();

        assertThat(out.closed).extracting(Status::getCode).containsExactly(Status.Code.OK);
        assertThat(count("ended", "reason", "token_expired")).isEqualTo(1);
    }

    @Test
    @DisplayName("conformance 22: streams whose tokens expire together end apart, at most a minute early")
    void spreadsTheEnds() {
        List<Duration> lives = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            lives.add(StreamClock.beforeExpiry(NOW, NOW.plus(Duration.ofHours(1))));
        }

        assertThat(lives).allSatisfy(life -> assertThat(life).isBetween(Duration.ofMinutes(59), Duration.ofHours(1)));
        assertThat(lives.stream().distinct().count()).isGreaterThan(50);
        assertThat(StreamClock.beforeExpiry(NOW, NOW.minusSeconds(1))).isZero();
        assertThat(StreamClock.beforeExpiry(NOW, Instant.MAX)).isPositive();
    }

    @Test
    @DisplayName("HOS-06: requests over the limit are not read until time has passed; nothing is lost")
    void readsNoFasterThanAllowed() {
        SidecarStream stream = open(Duration.ofHours(1));
        for (int i = 0; i < FakeSidecar.LIMITS.requestBurst(); i++) {
            stream.onRequest(asks(ResourceType.SECRET, "x" + i % 10));
        }
        int read = out.requested;
        stream.onRequest(asks(ResourceType.SECRET, "y"));
        assertThat(out.requested).as("the next one has to wait").isEqualTo(read);
        assertThat(count("throttled")).isEqualTo(1);

        nanos += Duration.ofMillis(10).toNanos();
        stream.onTime();

        assertThat(out.requested).isEqualTo(read + 1);
        assertThat(out.closed).isEmpty();
    }

    @Test
    @DisplayName("XDS-16: more names than allowed end the stream")
    void limitsNames() {
        SidecarStream stream = open(Duration.ofHours(1));
        String[] names = new String[FakeSidecar.LIMITS.maxNames() + 1];
        for (int i = 0; i < names.length; i++) {
            names[i] = "leaf/" + i;
        }

        stream.onRequest(asks(ResourceType.SECRET, names));

        assertThat(out.closed).extracting(Status::getCode).containsExactly(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(out.sent).isEmpty();
        assertThat(count("ended", "reason", "limit")).isEqualTo(1);
    }

    @Test
    @DisplayName("XDS-07: status tells what is held, what is on its way and what was rejected")
    void tellsItsStatus() {
        SidecarStream stream = open(Duration.ofHours(1));
        stream.onRequest(asks(ResourceType.SECRET, "leaf/a"));
        DeltaResponse response = out.sent.get(0);
        stream.onRequest(new DeltaRequest.Valid(
                null,
                ResourceType.SECRET.typeUrl(),
                List.of(),
                List.of(),
                Map.of(),
                response.nonce(),
                "inline_bytes: sk-live"));

        SidecarStatus status = sidecars.sidecars().get(0);
        assertThat(status.workload()).isEqualTo(TestSnapshot.WORKLOAD);
        assertThat(status.target()).contains("r1");
        assertThat(status.held()).isEmpty();
        assertThat(status.isCurrent()).isFalse();
        assertThat(status.rejected()).singleElement().satisfies(rejected -> {
            assertThat(rejected.name()).isEqualTo("leaf/a");
            assertThat(rejected.reason()).doesNotContain("sk-live");
            assertThat(rejected.since()).isEqualTo(NOW);
        });
        assertThat(count("nacks", "type", "secret")).isEqualTo(1);
    }

    @Test
    @DisplayName("ID-10: a stream whose identity is not valid any more ends, and nothing follows")
    void endsWhenRevoked() {
        SidecarStream stream = open(Duration.ofHours(1));
        stream.onRequest(asks(ResourceType.CLUSTER));

        stream.end(StreamEnd.IDENTITY_REVOKED);
        stream.onRequest(asks(ResourceType.LISTENER));
        snapshots.publish(TestSnapshot.twoHosts("r2"));

        assertThat(out.closed).extracting(Status::getCode).containsExactly(Status.Code.PERMISSION_DENIED);
        assertThat(out.sent).hasSize(1);
        assertThat(sidecars.sidecars()).isEmpty();
    }

    @Test
    @DisplayName("a type that sidecars are not given is ignored")
    void ignoresOtherTypes() {
        SidecarStream stream = open(Duration.ofHours(1));

        stream.onRequest(new DeltaRequest.Valid(
                null,
                "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
                List.of("x"),
                List.of(),
                Map.of(),
                "",
                null));

        assertThat(out.sent).isEmpty();
        assertThat(out.closed).isEmpty();
    }
}
