package dev.sallyport.reconcile;

import dev.sallyport.policy.PolicyId;
import java.util.Collection;
import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one replica of the control plane knows of the sidecars that are connected to it; the writer adds the replicas' reports up. Immutable.
 *
 * @param workloads by workload, the sidecars by Pod
 */
public record ReplicaReport(SortedMap<PolicyId, SortedMap<String, Held>> workloads) {
    static final ReplicaReport NONE = new ReplicaReport(new TreeMap<>());

    public ReplicaReport {
        SortedMap<PolicyId, SortedMap<String, Held>> copy = new TreeMap<>();
        workloads.forEach((id, pods) -> copy.put(id, Collections.unmodifiableSortedMap(new TreeMap<>(pods))));
        workloads = Collections.unmodifiableSortedMap(copy);
    }

    /**
     * What a sidecar holds.
     *
     * @param revision complete; empty: none yet
     * @param rejected why it refused a part of the newest, in its own words; empty: it did not
     */
    public record Held(Optional<String> revision, Optional<String> rejected) {
        /** Of two streams of one Pod the one that is further: the other is about to end. */
        Held or(Held other, String newest) {
            return other.revision.filter(newest::equals).isPresent() ? other : this;
        }
    }

    /**
     * One sidecar, as a replica sees it.
     *
     * @param pod the name of its Pod
     */
    public record Connected(PolicyId workload, String pod, Held held) {}

    /** Of the sidecars that are connected now. */
    public static ReplicaReport of(Collection<Connected> sidecars) {
        SortedMap<PolicyId, SortedMap<String, Held>> workloads = new TreeMap<>();
        sidecars.forEach(sidecar -> workloads
                .computeIfAbsent(sidecar.workload(), first -> new TreeMap<>())
                .merge(sidecar.pod(), sidecar.held(), (a, b) -> a.revision().isPresent() ? a : b));
        return new ReplicaReport(workloads);
    }

    /** The workloads of which this says something else than {@code before}. */
    Set<PolicyId> differences(ReplicaReport before) {
        Set<PolicyId> all = new TreeSet<>(workloads.keySet());
        all.addAll(before.workloads.keySet());
        all.removeIf(id -> Objects.equals(workloads.get(id), before.workloads.get(id)));
        return all;
    }
}
