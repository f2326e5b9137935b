package dev.sallyport.snapshot;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the control loop sees, for {@code status}. Immutable. Holds no secret.
 *
 * @param synced whether a first complete state was put in force; before that nobody is served
 * @param workloads every workload that a document names, accepted or not
 * @param problems of the documents, warnings included, sorted
 * @param sourceProblems what the source could not read, one line each
 * @param compiled when the documents were last compiled
 * @param compileTime how long everything took then, from the documents to the last snapshot
 * @param nextRenewal when leaves, CAs or something that is draining change next without an edit
 */
public record LoopStatus(
        boolean synced,
        SortedMap<PolicyId, WorkloadStatus> workloads,
        List<PolicyProblem> problems,
        List<String> sourceProblems,
        Optional<Instant> compiled,
        Duration compileTime,
        Optional<Instant> nextRenewal) {
    public LoopStatus {
        workloads = Collections.unmodifiableSortedMap(new TreeMap<>(workloads));
        problems = List.copyOf(problems);
        sourceProblems = List.copyOf(sourceProblems);
    }
}
