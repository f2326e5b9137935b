package dev.sallyport.snapshot;

import dev.sallyport.policy.PersistentMap;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the control loop sees, as it has it at hand: a step changes only what it concerns, and nothing is gathered or sorted until somebody asks for the {@link #status}. Immutable.
 *
 * @param problems of the documents that name their workload
 * @param otherProblems of everything else that was read, in no order
 */
record LoopReport(
        boolean synced,
        PersistentMap<PolicyId, WorkloadStatus> workloads,
        PersistentMap<PolicyId, List<PolicyProblem>> problems,
        List<PolicyProblem> otherProblems,
        List<String> sourceProblems,
        Optional<Instant> compiled,
        Duration compileTime,
        Optional<Instant> next) {
    static final LoopReport NOT_SYNCED = new LoopReport(
            false,
            PersistentMap.empty(),
            PersistentMap.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            Duration.ZERO,
            Optional.empty());

    /** Whether what belongs to no workload is what it was in {@code before}, at a glance. */
    boolean sameRest(LoopReport before) {
        return sourceProblems == before.sourceProblems && otherProblems == before.otherProblems;
    }

    LoopStatus status() {
        List<PolicyProblem> all = new ArrayList<>(otherProblems);
        problems.forEach((id, own) -> all.addAll(own));
        return new LoopStatus(
                synced,
                new TreeMap<>(workloads.toMap()),
                PolicyCompiler.sorted(all),
                sourceProblems,
                compiled,
                compileTime,
                next);
    }
}
