package dev.sallyport.reconcile;

import dev.sallyport.policy.PolicyId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The reports of all replicas together. A replica that stops reporting counts for {@link #VOID_AFTER} and then no longer: its sidecars are elsewhere by then. That is measured by this process's own clock, from when a report's
 * change was seen, because clocks of replicas differ. Thread-safe.
 */
public final class FleetView {
    /** Three times as long as replicas take between two reports. */
    static final Duration VOID_AFTER = Duration.ofSeconds(10);

    private final Clock clock;
    private final Map<String, Seen> replicas = new HashMap<>();
    /** Of replicas that have become void, until somebody takes them. */
    private final Set<PolicyId> lost = new HashSet<>();

    private record Seen(ReplicaReport report, String beat, Instant at) {}

    public FleetView(Clock clock) {
        this.clock = clock;
    }

    /** Takes a replica's report. {@code beat} differs from one report to the next. */
    public synchronized void accept(String replica, String beat, ReplicaReport report) {
        Seen before = replicas.get(replica);
        if (before == null || !before.beat().equals(beat)) {
            replicas.put(replica, new Seen(report, beat, clock.instant()));
        }
    }

    /** The replica has said that it ends, or its report is gone. */
    public synchronized void forget(String replica) {
        replicas.remove(replica);
    }

    /** The workloads of which a replica has told that has become void since this was asked last. */
    synchronized SortedSet<PolicyId> takeVoid() {
        dropVoid();
        SortedSet<PolicyId> taken = new TreeSet<>(lost);
        lost.clear();
        return taken;
    }

    /** The sidecars of a workload by Pod, in the reports that count now. */
    synchronized SortedMap<String, ReplicaReport.Held> sidecars(PolicyId workload, String newestRevision) {
        dropVoid();
        SortedMap<String, ReplicaReport.Held> sidecars = new TreeMap<>();
        replicas.values().stream()
                .map(seen -> seen.report().workloads().get(workload))
                .filter(pods -> pods != null)
                .forEach(pods ->
                        pods.forEach((pod, held) -> sidecars.merge(pod, held, (a, b) -> a.or(b, newestRevision))));
        return sidecars;
    }

    /** How many replicas report. */
    synchronized int replicas() {
        dropVoid();
        return replicas.size();
    }

    private void dropVoid() {
        Instant now = clock.instant();
        replicas.values().removeIf(seen -> {
            boolean isVoid = Duration.between(seen.at(), now).compareTo(VOID_AFTER) >= 0;
            if (isVoid) {
                lost.addAll(seen.report().workloads().keySet());
            }
            return isVoid;
        });
    }
}
