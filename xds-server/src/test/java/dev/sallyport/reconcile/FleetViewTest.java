package dev.sallyport.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FleetViewTest {
    private static final PolicyId ID = new PolicyId("agents", "p");
    private static final ReplicaReport.Held CURRENT = held("r2");
    private static final ReplicaReport.Held BEHIND = held("r1");

    private final TestClock clock = TestClock.at("2026-11-21T12:00:00Z");
    private final FleetView fleet = new FleetView(clock);

    @Test
    void addsReplicasUpAndCountsAPodOnce() {
        fleet.accept("a", "1", report(connected("x", BEHIND), connected("y", CURRENT)));
        fleet.accept("b", "1", report(connected("x", CURRENT), connected("z", BEHIND)));
        assertThat(fleet.sidecars(ID, "r2"))
                .containsExactlyInAnyOrderEntriesOf(Map.of("x", CURRENT, "y", CURRENT, "z", BEHIND));
        assertThat(fleet.sidecars(new PolicyId("agents", "q"), "r2")).isEmpty();
        assertThat(fleet.replicas()).isEqualTo(2);
    }

    @Test
    void aReplicaThatFallsSilentCountsNoLonger() {
        fleet.accept("a", "1", report(connected("x", CURRENT)));
        fleet.accept("b", "1", report(connected("y", CURRENT)));
        clock.advance(FleetView.VOID_AFTER.minusMillis(1));
        fleet.accept("a", "1", report(connected("x", CURRENT)));
        fleet.accept("b", "2", report(connected("y", CURRENT)));
        clock.advance(Duration.ofMillis(1));
        assertThat(fleet.sidecars(ID, "r2")).containsOnlyKeys("y");
        fleet.forget("b");
        assertThat(fleet.sidecars(ID, "r2")).isEmpty();
    }

    private static ReplicaReport report(ReplicaReport.Connected... sidecars) {
        return ReplicaReport.of(List.of(sidecars));
    }

    private static ReplicaReport.Connected connected(String pod, ReplicaReport.Held held) {
        return new ReplicaReport.Connected(ID, pod, held);
    }

    private static ReplicaReport.Held held(String revision) {
        return new ReplicaReport.Held(Optional.of(revision), Optional.empty());
    }
}
