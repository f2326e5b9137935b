package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.testing.kubernetes.KubernetesOptions;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LeadershipTest {
    private static final Leadership.Timing TIMING =
            new Leadership.Timing(Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofSeconds(3));
    private static final Leadership.Timing QUICK =
            new Leadership.Timing(Duration.ofSeconds(3), Duration.ofMillis(100), Duration.ofSeconds(1));

    private static SystemCluster system;

    private final List<Leadership> replicas = new ArrayList<>();
    private final AtomicLong clockOfA = new AtomicLong(5_000_000_000_000L);
    private final AtomicLong clockOfB = new AtomicLong(-7);

    @BeforeAll
    static void start() {
        system = new SystemCluster(KubernetesOptions.DEFAULT);
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @AfterEach
    void end() {
        replicas.forEach(Leadership::abandon);
        system.cluster().client().leases().inNamespace(SystemCluster.NAMESPACE).delete();
    }

    @Test
    void theFirstMayWriteUntilTheLeaseIsOverLessTheMargin() {
        Leadership a = replica("a", clockOfA);
        assertThat(a.mayWrite()).isFalse();
        a.round();
        assertThat(a.mayWrite()).isTrue();
        pass(clockOfA, Duration.ofMillis(6_999));
        assertThat(a.mayWrite()).isTrue();
        pass(clockOfA, Duration.ofMillis(1));
        assertThat(a.mayWrite()).isFalse();
        a.round();
        assertThat(a.mayWrite()).isTrue();
        assertThat(spec().getLeaseTransitions()).isZero();
    }

    @Test
    @DisplayName("K8S-13 a replica takes over when the Lease has not changed for its duration by its own clock")
    void takesOverWhatNoLongerChanges() {
        Leadership a = replica("a", clockOfA);
        Leadership b = replica("b", clockOfB);
        a.round();
        b.round();
        pass(clockOfB, Duration.ofMillis(9_999));
        b.round();
        assertThat(b.mayWrite()).isFalse();
        a.round();
        pass(clockOfB, Duration.ofSeconds(5));
        b.round(); // sees the renewal now, and counts from here
        assertThat(b.mayWrite()).isFalse();
        pass(clockOfB, Duration.ofMillis(9_999));
        b.round();
        assertThat(b.mayWrite()).isFalse();
        pass(clockOfB, Duration.ofMillis(1));
        b.round();
        assertThat(b.mayWrite()).isTrue();
        assertThat(spec().getHolderIdentity()).isEqualTo(b.identity());
        assertThat(spec().getLeaseTransitions()).isEqualTo(1);
        a.round();
        assertThat(a.mayWrite()).isFalse();
    }

    @Test
    void releasedAtItsEnd() {
        Leadership a = replica("a", clockOfA);
        Leadership b = replica("b", clockOfB);
        a.round();
        b.round();
        a.close();
        assertThat(a.mayWrite()).isFalse();
        assertThat(spec().getHolderIdentity()).isNull();
        b.round();
        assertThat(b.mayWrite()).isTrue();
        assertThat(spec().getLeaseTransitions()).isEqualTo(1);
    }

    @Test
    @DisplayName("K8S-13 of replicas that race for a Lease one gets it, however often it changes hands")
    void oneOfManyWins() {
        List<Leadership> racing =
                IntStream.range(0, 4).mapToObj(i -> replica("r" + i, clockOfA)).toList();
        racing.parallelStream().forEach(Leadership::round);
        for (int hand = 1; hand <= 10; hand++) {
            assertThat(racing.stream().filter(Leadership::mayWrite)).hasSize(1);
            List<Leadership> others =
                    racing.stream().filter(replica -> !replica.mayWrite()).toList();
            others.forEach(Leadership::round);
            pass(clockOfA, Duration.ofSeconds(10));
            assertThat(racing).noneMatch(Leadership::mayWrite);
            others.parallelStream().forEach(Leadership::round);
            assertThat(spec().getLeaseTransitions()).isEqualTo(hand);
        }
    }

    @Test
    @DisplayName("K8S-13 two replicas, one is killed: the other writes, and never both")
    void oneIsKilled() {
        Leadership a = start("a");
        eventually(() -> assertThat(a.mayWrite()).isTrue());
        Leadership b = start("b");
        eventually(() -> assertThat(renewals(a)).isTrue());
        assertThat(b.mayWrite()).isFalse();
        a.abandon();
        within(Duration.ofSeconds(30), () -> {
            assertThat(a.mayWrite() && b.mayWrite()).isFalse();
            assertThat(b.mayWrite()).isTrue();
        });
        assertThat(spec().getHolderIdentity()).isEqualTo(b.identity());
    }

    @Test
    @DisplayName("K8S-13 while the API server does not answer nobody writes, and one does when it is back")
    void theApiServerIsFrozen() {
        Leadership a = start("a");
        eventually(() -> assertThat(a.mayWrite()).isTrue());
        Leadership b = start("b");
        system.cluster().apiServer().pause();
        try {
            eventually(() -> assertThat(a.mayWrite()).isFalse());
            assertThat(b.mayWrite()).isFalse();
            eventually(() -> assertThat(a.problem())
                    .hasValueSatisfying(line -> assertThat(line).contains("leases in namespace sallyport-system")));
        } finally {
            system.cluster().apiServer().resume();
        }
        within(
                Duration.ofSeconds(30),
                () -> assertThat(a.mayWrite() ^ b.mayWrite()).isTrue());
        eventually(() -> assertThat(a.problem()).isEmpty());
    }

    @Test
    void aMarginThatLeavesNothingOfTheLeaseIsRefused() {
        assertThatThrownBy(() ->
                        new Leadership.Timing(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(3)))
                .hasMessageContaining("expected: longer than");
    }

    /** Whether the Lease is a's, and b has had time to look at it. */
    private static boolean renewals(Leadership holder) {
        LeaseSpec spec = spec();
        return holder.identity().equals(spec.getHolderIdentity())
                && spec.getRenewTime().isAfter(spec.getAcquireTime().plusNanos(500_000_000));
    }

    private static LeaseSpec spec() {
        return system.cluster()
                .client()
                .leases()
                .inNamespace(SystemCluster.NAMESPACE)
                .withName(LeaseRecord.NAME)
                .get()
                .getSpec();
    }

    private static void pass(AtomicLong clock, Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private Leadership replica(String name, AtomicLong clock) {
        Leadership replica = new Leadership(system.config(), SystemCluster.NAMESPACE, name, TIMING, clock::get);
        replicas.add(replica);
        return replica;
    }

    private Leadership start(String name) {
        Leadership replica = new Leadership(system.config(), SystemCluster.NAMESPACE, name, QUICK);
        replicas.add(replica);
        replica.start();
        return replica;
    }
}
