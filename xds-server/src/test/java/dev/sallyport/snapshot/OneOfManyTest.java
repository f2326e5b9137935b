package dev.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.SourceState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What one change makes the loop do, counted, among a thousand workloads whose sidecars are all here. */
@TestInstance(Lifecycle.PER_CLASS)
class OneOfManyTest {
    private static final int WORKLOADS = 1_000;
    private static final ObjectName UNUSED = new ObjectName("n3", "unused");
    private static final ObjectName SHARED = new ObjectName("n4", "shared");

    private final Fleet fleet = new Fleet(WORKLOADS, 3);
    private final Loop loop = new Loop();
    private Work before = new Work(0, 0, 0);

    /** What was done so far: policies compiled, workloads looked at, workloads translated. */
    private record Work(int compiled, int examined, int translated) {
        Work since(Work earlier) {
            return new Work(compiled - earlier.compiled, examined - earlier.examined, translated - earlier.translated);
        }
    }

    @BeforeAll
    void startAll() {
        fleet.secret(UNUSED, "sk-0").secret(SHARED, "sk-0");
        for (int i : List.of(400, 401, 402)) {
            fleet.policy(i, "v0", SHARED.name());
        }
        for (int i = 0; i < WORKLOADS; i++) {
            loop.watch(Fleet.id(i), snapshot -> {});
        }
        assertThat(apply(fleet.state())).hasSize(WORKLOADS);
        assertThat(work()).isEqualTo(new Work(WORKLOADS, WORKLOADS, WORKLOADS));
    }

    @BeforeEach
    void forgetEarlierWork() {
        apply(fleet.state());
        work();
    }

    @Test
    @DisplayName("XDS-14 one workload of 1,000 is edited: one is compiled, looked at and translated")
    void looksAtTheEditedWorkloadOnly() {
        fleet.policy(777, "v1");
        assertThat(apply(fleet.state())).containsExactly(Fleet.id(777));
        assertThat(work()).isEqualTo(new Work(1, 1, 1));
    }

    @Test
    void looksAtNothingWhenNothingChanged() {
        assertThat(apply(fleet.state())).isEmpty();
        assertThat(loop.look()).isEmpty();
        assertThat(work()).isEqualTo(new Work(0, 0, 0));
    }

    @Test
    void looksAtNothingWhenAnEditMeansTheSame() {
        fleet.policy(778, "V0");
        assertThat(apply(fleet.state())).isEmpty();
        assertThat(work()).isEqualTo(new Work(0, 0, 0));
    }

    @Test
    @DisplayName("SEC-09 a Secret that nobody refers to changes: no workload is looked at")
    void looksAtNothingForAnUnusedSecret() {
        fleet.secret(UNUSED, "sk-1").secret(new ObjectName("n9", "new"), "sk-1");
        // Of the same name as one that is used, in another namespace.
        fleet.secret(new ObjectName("n5", "shared"), "sk-1");
        assertThat(apply(fleet.state())).isEmpty();
        assertThat(work()).isEqualTo(new Work(0, 0, 0));
    }

    @Test
    @DisplayName("SEC-09 a Secret that three workloads refer to changes: three are looked at, none is translated")
    void looksAtTheUsersOfASecretOnly() {
        fleet.secret(SHARED, "sk-1");
        assertThat(apply(fleet.state())).containsExactly(Fleet.id(400), Fleet.id(401), Fleet.id(402));
        assertThat(work()).isEqualTo(new Work(0, 3, 0));
    }

    @Test
    void looksNoMoreAtWhoReferredToASecretOnce() {
        apply(fleet.policy(403, "v0", SHARED.name()).state());
        apply(fleet.policy(403, "v0").state());
        work();
        assertThat(apply(fleet.secret(SHARED, "sk-2").state())).doesNotContain(Fleet.id(403));
        assertThat(work()).isEqualTo(new Work(0, 3, 0));
    }

    @Test
    @DisplayName("SEC-08 a Secret that three workloads refer to is deleted: three turn their hosts off")
    void translatesTheUsersOfADeletedSecretOnly() {
        apply(fleet.state().withoutSecret(SHARED));
        assertThat(work()).isEqualTo(new Work(0, 3, 3));
    }

    @Test
    void looksAtNobodyElseWhenAWorkloadLeaves() {
        apply(fleet.state().withoutPolicy(Fleet.id(5)));
        assertThat(work()).isEqualTo(new Work(0, 1, 1));
        assertThat(loop.report().status().workloads()).hasSize(WORKLOADS - 1).doesNotContainKey(Fleet.id(5));
    }

    @Test
    void looksAtWhoIsDueOnly() {
        fleet.policy(779, "v1");
        apply(fleet.state());
        work();
        List<PolicyId> due = loop.pass(Loop.DRAIN);
        // Some leaves end in these 15 seconds.
        assertThat(due).contains(Fleet.id(779)).hasSizeLessThan(WORKLOADS / 20);
        assertThat(work().examined()).isEqualTo(due.size());
    }

    @Test
    @DisplayName("FAULT-05 a clock that was set back is reason to look at all")
    void looksAtAllWhenTheClockIsSetBack() {
        loop.pass(Duration.ofSeconds(-1));
        assertThat(work().examined()).isEqualTo(WORKLOADS);
    }

    private List<PolicyId> apply(SourceState state) {
        loop.published.clear();
        loop.reconciler.accept(state, loop.clock.instant());
        return loop.published.stream().map(PublishedWorkload::id).toList();
    }

    /** What was done since the last call. */
    private Work work() {
        Work now = new Work(
                (int) loop.meters.get("sallyport.policies.compiled").counter().count(),
                (int) loop.meters.get("sallyport.workloads.examined").counter().count(),
                (int) loop.meters.get("sallyport.translations").timer().count());
        Work done = now.since(before);
        before = now;
        return done;
    }
}
