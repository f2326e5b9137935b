package dev.sallyport.snapshot;

import static dev.sallyport.snapshot.Loop.P;
import static dev.sallyport.snapshot.Loop.Q;
import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyVersion;
import dev.sallyport.source.SourceState;
import dev.sallyport.testing.TestClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ControlLoopTest {
    private final TestClock clock = new TestClock(Loop.START);
    private final Source source = new Source();
    private final ControlLoop loop =
            new ControlLoop(ControlLoopConfig.DEFAULT, Loop.pki(1, clock), clock, new SimpleMeterRegistry());

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    @DisplayName("XDS-13 nothing is served before a first complete state is in force")
    void isNotSyncedBeforeTheFirstState() {
        assertThat(loop.synced()).isFalse();
        assertThat(loop.status().synced()).isFalse();
        loop.start();
        loop.wake();
        assertThat(loop.synced()).isFalse();
        loop.accept(source.policy("p", "hosts: [{host: a.example.com}]").state());
        eventually(() -> assertThat(loop.synced()).isTrue());
        assertThat(loop.current(P).secretNames()).contains("leaf/a.example.com");
    }

    @Test
    void isSyncedWithASourceThatHoldsNothing() {
        loop.start();
        loop.accept(source.state());
        eventually(() -> assertThat(loop.synced()).isTrue());
        assertThat(loop.current(P)).isSameAs(loop.current(P));
        assertThat(loop.status().workloads()).isEmpty();
    }

    @Test
    @DisplayName("XDS-15 of the states that came while the loop was busy only the newest is put in force")
    void takesTheNewestStateOnly() throws InterruptedException {
        List<WorkloadSnapshot> told = new CopyOnWriteArrayList<>();
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        var watch = loop.watch(P, snapshot -> {
            told.add(snapshot);
            busy.countDown();
            waitFor(free);
        });
        loop.start();
        loop.accept(source.policy("p", "hosts: [{host: h0.example.com}]").state());
        busy.await();
        for (int i = 1; i <= 100; i++) {
            loop.accept(source.policy("p", "hosts: [{host: h" + i + ".example.com}]")
                    .state());
        }
        free.countDown();
        eventually(() -> assertThat(loop.current(P).secretNames()).contains("leaf/h100.example.com"));
        eventually(() -> assertThat(told).hasSize(2));
        assertThat(told.get(1)).isSameAs(loop.current(P));
        watch.close();
    }

    @Test
    void tellsWatchersOfTheirWorkloadOnlyAndOutlivesThoseThatFail() {
        List<WorkloadSnapshot> told = new CopyOnWriteArrayList<>();
        var failing = loop.watch(P, snapshot -> {
            throw new IllegalStateException("a watcher's own fault");
        });
        var watch = loop.watch(P, told::add);
        loop.start();
        loop.accept(source.policy("p", "hosts: [{host: a.example.com}]").state());
        eventually(() -> assertThat(told).hasSize(1));
        loop.accept(source.policy("q", "hosts: [{host: a.example.com}]").state());
        loop.accept(source.policy("p", "hosts: [{host: b.example.com}]").state());
        eventually(() -> assertThat(told).hasSize(2));
        watch.close();
        loop.accept(source.policy("p", "hosts: [{host: c.example.com}]").state());
        eventually(() -> assertThat(loop.current(P).secretNames()).contains("leaf/c.example.com"));
        assertThat(told).hasSize(2);
        failing.close();
    }

    @Test
    void tellsWhoseStatusIsAnotherAlsoWhenNothingIsPublished() {
        List<String> told = new CopyOnWriteArrayList<>();
        loop.onStatus(id -> {
            throw new IllegalStateException("a reader's own fault");
        });
        loop.onStatus(id -> told.add(
                id + " " + loop.status(id).flatMap(WorkloadStatus::version).map(PolicyVersion::generation)));
        loop.start();
        SourceState state = source.policy("p", "hosts: [{host: a.example.com}]").state();
        PolicyDocument document = state.documents().of(P).get(0);
        loop.accept(state.withPolicy(document.at(new PolicyVersion("uid", 1))));
        eventually(() -> assertThat(told).containsExactly("agents/p Optional[1]"));
        WorkloadSnapshot before = loop.current(P);
        loop.accept(state.withPolicy(document.at(new PolicyVersion("uid", 2))));
        eventually(() -> assertThat(told).containsExactly("agents/p Optional[1]", "agents/p Optional[2]"));
        assertThat(loop.current(P)).isSameAs(before);
        loop.accept(state.withoutPolicy(P));
        eventually(() -> assertThat(told).contains("agents/p Optional.empty"));
    }

    @Test
    @DisplayName("FAULT-05 a loop whose clock moved does what is due when it looks")
    void doesWhatIsDue() {
        loop.start();
        loop.accept(source.policy("p", "hosts: [{host: a.example.com}]").state());
        eventually(() -> assertThat(loop.synced()).isTrue());
        String version = leafVersion();
        clock.advance(Duration.ofDays(2));
        loop.wake();
        eventually(() -> assertThat(leafVersion()).isNotEqualTo(version));
        assertThat(loop.status().nextRenewal())
                .hasValueSatisfying(next -> assertThat(next).isAfter(clock.instant()));
    }

    @Test
    void saysWhatChangedAndWhetherItNeedsPublicRoots() {
        List<PublishedWorkload> published = new CopyOnWriteArrayList<>();
        loop.onPublished(published::add);
        loop.start();
        source.policy("p", "hosts: [{host: a.example.com}]");
        source.policy("q", "hosts: [{host: \"*.example.com\"}]");
        loop.accept(source.state());
        eventually(() ->
                assertThat(published).containsExactly(new PublishedWorkload(P, false), new PublishedWorkload(Q, true)));
    }

    @Test
    void reportsWhatIsInForce() {
        loop.start();
        source.policy("p", "hosts: [{host: a.example.com}, {host: b.example.com}]");
        source.policy("q", "hosts: [{host: 10.0.0.1}]");
        loop.accept(source.state());
        eventually(() -> assertThat(loop.status().workloads()).containsOnlyKeys(P, Q));
        LoopStatus status = loop.status();
        assertThat(status.workloads().get(P)).satisfies(p -> {
            assertThat(p.id()).isEqualTo(P);
            assertThat(p.accepted()).isTrue();
            assertThat(p.hosts()).isEqualTo(2);
            assertThat(p.revision()).isEqualTo(loop.current(P).revision());
            assertThat(p.publicRoots()).isFalse();
        });
        assertThat(status.workloads().get(Q))
                .satisfies(q -> assertThat(q.accepted()).isFalse());
        assertThat(status.problems()).isNotEmpty();
        assertThat(status.compiled()).contains(Loop.START);
    }

    @Test
    void endsWithoutHavingBegun() {
        loop.close();
        assertThat(loop.synced()).isFalse();
    }

    private String leafVersion() {
        return loop.current(P).secret("leaf/a.example.com").orElseThrow().version();
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
