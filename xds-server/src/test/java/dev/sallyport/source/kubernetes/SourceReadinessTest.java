package dev.sallyport.source.kubernetes;

import static dev.sallyport.source.kubernetes.FakeObjectServer.bookmark;
import static dev.sallyport.source.kubernetes.FakeObjectServer.failure;
import static dev.sallyport.source.kubernetes.FakeObjectServer.page;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.TestClock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SourceReadinessTest {
    private static final Duration OUTAGE = Duration.ofMinutes(30);

    /** Whose pauses are always the same, so that it is known when the last watch began. */
    private static final WatchSettings SETTINGS = new WatchSettings(
            WatchSettings.DEFAULT.watch(),
            WatchSettings.DEFAULT.grace(),
            WatchSettings.DEFAULT.list(),
            WatchSettings.DEFAULT.patience(),
            new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10), () -> 0.5),
            new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(1), () -> 0.5));

    private final TestClock clock = TestClock.at("2026-01-01T00:00:00Z");
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SourceHealth health = new SourceHealth(clock, meters);
    private final FakeLoop loop = new FakeLoop();
    private final FakeObjectServer server = new FakeObjectServer();
    private final KubernetesPods pods = new KubernetesPods(new ObjectWatch.Services(server, loop, SETTINGS, health));
    private final SourceReadiness readiness = new SourceReadiness(health, pods::synced);

    private void pass(Duration time) {
        clock.advance(time);
        loop.advance(time);
    }

    private void start() {
        server.answer = request -> page("10");
        pods.start();
        assertThat(readiness.notReady()).isEmpty();
    }

    private void away() {
        server.answer = request -> {
            throw failure(ApiFailure.NO_ANSWER);
        };
        server.watchFailure = failure(ApiFailure.NO_ANSWER);
        server.watching().sink.failed(failure(ApiFailure.NO_ANSWER));
    }

    @Test
    void notReadyBeforeEverythingWasReadAndSaysWhatIsInTheWay() {
        server.answer = request -> null;
        pods.start();
        assertThat(readiness.notReady()).contains("pods: not read yet");
        server.answer = request -> {
            throw failure(503);
        };
        pass(Duration.ofSeconds(20));
        assertThat(readiness.notReady())
                .hasValueSatisfying(why -> assertThat(why).startsWith("cannot list pods: "));
        server.answer = request -> page("10");
        pass(Duration.ofSeconds(20));
        assertThat(readiness.notReady()).isEmpty();
        assertThat(readiness.stale()).isEmpty();
    }

    @Test
    @DisplayName(
            "FAULT-03 while the API server is away a replica that has read everything stays ready, and says what is stale")
    void staysReadyWhileTheApiServerIsAway() {
        start();
        away();
        pass(SourceHealth.STALE);
        assertThat(readiness.stale()).isEmpty();
        pass(OUTAGE.minus(SourceHealth.STALE));
        assertThat(readiness.notReady()).isEmpty();
        assertThat(readiness.stale()).contains("stale, and served as read last: pods (nothing was heard for 1800 s)");
        assertThat(meters.get("sallyport.source.age")
                        .tag("resource", "pods")
                        .gauge()
                        .value())
                .isEqualTo(1800);
        server.watchFailure = null;
        server.answer = request -> page("10");
        pass(Duration.ofSeconds(20));
        server.watching().tell("BOOKMARK", bookmark("11"));
        loop.run();
        assertThat(readiness.stale()).isEmpty();
        assertThat(meters.get("sallyport.source.age").gauge().value()).isZero();
    }

    @Test
    void notReadyWhilePodsMayNotBeReadAndReadyAgainWithTheRights() {
        start();
        server.answer = request -> {
            throw failure(ApiFailure.FORBIDDEN);
        };
        server.watchFailure = failure(ApiFailure.FORBIDDEN);
        server.watching().sink.failed(failure(ApiFailure.FORBIDDEN));
        pass(Duration.ofSeconds(20));
        assertThat(readiness.notReady())
                .as("rights may be missing for a moment")
                .isEmpty();
        pass(Duration.ofMinutes(2));
        assertThat(readiness.notReady()).contains("cannot watch pods: status 403");
        assertThat(readiness.stale()).as("what is forbidden has no age").isEmpty();
        assertThat(meters.get("sallyport.source.forbidden").gauge().value()).isEqualTo(1);
        server.watchFailure = null;
        server.answer = request -> page("10");
        pass(Duration.ofMinutes(2));
        server.watching().tell("BOOKMARK", bookmark("11"));
        loop.run();
        assertThat(readiness.notReady()).isEmpty();
        assertThat(meters.get("sallyport.source.forbidden").gauge().value()).isZero();
    }

    @Test
    void secretsThatMayNotBeReadKeepNobodyFromServing() {
        start();
        server.answer = request -> {
            throw failure(ApiFailure.FORBIDDEN);
        };
        KubernetesObjects secrets = new KubernetesObjects(
                ObjectQuery.core("secrets", "agents"),
                new ObjectWatch.Services(server, loop, SETTINGS, health),
                object -> object);
        secrets.start();
        assertThat(health.forbidden()).hasSize(1);
        assertThat(readiness.notReady()).isEmpty();
    }

    @Test
    void countsByResourceAndReasonAndNeverByNamespace() {
        start();
        for (String namespace : new String[] {"a", "b", "c"}) {
            server.answer = request -> {
                throw failure(429);
            };
            new KubernetesObjects(
                            ObjectQuery.core("secrets", namespace),
                            new ObjectWatch.Services(server, loop, SETTINGS, health),
                            object -> object)
                    .start();
        }
        assertThat(meters.get("sallyport.source.watches")
                        .tag("resource", "secrets")
                        .gauge()
                        .value())
                .isEqualTo(3);
        assertThat(meters.get("sallyport.source.failures")
                        .tags("resource", "secrets", "reason", "throttled")
                        .counter()
                        .count())
                .isEqualTo(3);
        assertThat(meters.get("sallyport.source.lists")
                        .tag("resource", "pods")
                        .counter()
                        .count())
                .isEqualTo(1);
        Set<String> labels = new TreeSet<>();
        for (Meter meter : meters.getMeters()) {
            meter.getId().getTags().forEach(tag -> labels.add(tag.getValue()));
        }
        assertThat(labels).containsExactly("pods", "secrets", "throttled");
    }
}
