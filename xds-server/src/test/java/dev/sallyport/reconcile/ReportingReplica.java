package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceThread;
import dev.sallyport.testing.TestClock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicLong;

/** One replica that reports what a test says, with clocks of its own. */
final class ReportingReplica implements AutoCloseable {
    private final TestClock clock = TestClock.at("2026-01-01T00:00:00Z");
    private final AtomicLong ahead = new AtomicLong();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final FleetView fleet = new FleetView(clock);
    private final Set<PolicyId> changes = new CopyOnWriteArraySet<>();
    private final AtomicLong ticks = new AtomicLong();
    private final ApiServer server;
    private final SourceThread thread = new SourceThread(Clock.systemUTC());
    private final ReplicaReports reports;
    private volatile ReplicaReport own = ReplicaReport.NONE;
    private boolean over;

    ReportingReplica(SystemCluster system, String name) {
        server = ApiServer.of(system.config());
        reports = new ReplicaReports(
                new ReplicaReports.Sources(server, thread, new SourceHealth(Clock.systemUTC())),
                new ReplicaReports.Self(SystemCluster.NAMESPACE, name, this::report),
                fleet,
                changes::addAll,
                meters,
                new ReplicaReports.Clocks(clock, () -> System.nanoTime() + ahead.get()));
        reports.start();
    }

    private ReplicaReport report() {
        ticks.incrementAndGet();
        return own;
    }

    /** Its only sidecar is that Pod's. */
    void holds(PolicyId workload, String pod) {
        reports(new ReplicaReport.Connected(
                workload, pod, new ReplicaReport.Held(Optional.of("r1"), Optional.empty())));
    }

    void reports(ReplicaReport.Connected... sidecars) {
        own = ReplicaReport.of(List.of(sidecars));
    }

    /** The Pods of that workload with a sidecar anywhere. */
    Set<String> sidecars(PolicyId workload) {
        return fleet.sidecars(workload, "r1").keySet();
    }

    FleetView fleet() {
        return fleet;
    }

    /** What it was told since the last time. */
    Set<PolicyId> changes() {
        Set<PolicyId> told = Set.copyOf(changes);
        changes.removeAll(told);
        return told;
    }

    long written(String result) {
        Counter counter =
                meters.find("sallyport.report.writes").tag("result", result).counter();
        return counter == null ? 0 : (long) counter.count();
    }

    Optional<String> problem() {
        return reports.problem();
    }

    void pass(Duration time) {
        clock.advance(time);
        ahead.addAndGet(time.toNanos());
    }

    /** Until it has looked around once from now on. */
    void awaitTick() {
        long now = ticks.get();
        eventually(() -> assertThat(ticks.get()).isGreaterThan(now + 1));
    }

    /** Ends as a killed process does. */
    void die() {
        end(reports::abandon);
    }

    @Override
    public void close() {
        end(reports::close);
    }

    private void end(Runnable end) {
        if (!over) {
            over = true;
            end.run();
            thread.close();
            server.close();
        }
    }
}
