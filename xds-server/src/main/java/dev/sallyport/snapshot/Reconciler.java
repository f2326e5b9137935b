package dev.sallyport.snapshot;

import dev.sallyport.policy.Compilation;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.source.SourceState;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One step of the control loop: a state and a time in, the snapshots that changed out. What it does follows from what it was given, so that a test needs no thread. For one thread. */
final class Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    private static final Object NO_DOCUMENT = "no document";

    private final SnapshotFactory factory;
    private final SnapshotStore store;
    private final LoopMetrics metrics;
    private final Consumer<PublishedWorkload> published;
    private final Map<PolicyId, WorkloadState> states = new HashMap<>();
    private final SortedMap<PolicyId, WorkloadStatus> status = new TreeMap<>();
    private final Map<PolicyId, Rules.Footing> footings = new HashMap<>();
    private @Nullable SourceState source;
    private Compilation compilation = new Compilation(PolicySet.EMPTY, List.of());

    Reconciler(
            SnapshotFactory factory, SnapshotStore store, LoopMetrics metrics, Consumer<PublishedWorkload> published) {
        this.factory = factory;
        this.store = store;
        this.metrics = metrics;
        this.published = published;
    }

    /** Puts {@code state} in force as of {@code now}. True: something was published. */
    boolean accept(SourceState state, Instant now) {
        if (source == null || !state.documents().equals(source.documents())) {
            compilation = PolicyCompiler.compile(state.documents());
            assignDocuments(compilation.policies());
        }
        source = state;
        return step(now);
    }

    private void assignDocuments(PolicySet policies) {
        states.values().forEach(workload -> workload.assign(NO_DOCUMENT));
        policies.accepted().forEach((id, policy) -> {
            footings.putIfAbsent(id, Rules.Footing.of(policy));
            state(id).assign(policy);
        });
        policies.rejected().forEach((id, problems) -> state(id).assign(problems));
        metrics.workloads(policies.accepted().size(), policies.rejected().size());
    }

    /** Does what is due by {@code now}. True: something was published. */
    boolean step(Instant now) {
        if (source == null) {
            return false;
        }
        store.served().forEach(this::state);
        states.values().removeIf(this::isForgotten);
        SortedMap<PolicyId, WorkloadState> changed = new TreeMap<>();
        for (WorkloadState workload : List.copyOf(states.values())) {
            if (!workload.isSettled(source, now) && bringUpToDate(workload, source, now)) {
                changed.put(workload.id(), workload);
            }
        }
        changed.values().forEach(workload -> publish(workload.snapshot()));
        return !changed.isEmpty();
    }

    /** A sidecar may have been served before there was a document, and goes on from there. */
    private WorkloadState state(PolicyId id) {
        return states.computeIfAbsent(id, unseen -> new WorkloadState(id, factory, store.newest(id), document(id)));
    }

    private Object document(PolicyId id) {
        PolicySet policies = compilation.policies();
        return Optional.<Object>ofNullable(policies.accepted().get(id))
                .or(() -> Optional.ofNullable(policies.rejected().get(id)))
                .orElse(NO_DOCUMENT);
    }

    /** A workload that no document names is kept while sidecars are there, or something of its last policy drains. */
    private boolean isForgotten(WorkloadState workload) {
        boolean forgotten = workload.isDrainedUnder(NO_DOCUMENT) && !store.isWatched(workload.id());
        if (forgotten) {
            store.remove(workload.id());
        }
        return forgotten;
    }

    private boolean bringUpToDate(WorkloadState workload, SourceState state, Instant now) {
        PolicyId id = workload.id();
        try {
            boolean changed = workload.update(rules(id), state, now, store.isWatched(id));
            if (hasDocument(id)) {
                status.put(id, workload.status());
            } else {
                status.remove(id);
            }
            return changed;
        } catch (RuntimeException e) {
            // Not even a snapshot that denies everything could be made. The others go on; this one begins anew with the
            // next document.
            LOG.error("{} cannot be brought up to date", id, e);
            metrics.failed();
            states.remove(id);
            return false;
        }
    }

    private void publish(PublishedSnapshot snapshot) {
        store.publish(snapshot);
        metrics.published();
        published.accept(new PublishedWorkload(
                snapshot.workload(), snapshot.plan().rules().passesThrough()));
    }

    private boolean hasDocument(PolicyId id) {
        PolicySet policies = compilation.policies();
        return policies.accepted().containsKey(id) || policies.rejected().containsKey(id);
    }

    private Rules rules(PolicyId id) {
        EgressPolicy accepted = compilation.policies().accepted().get(id);
        if (accepted != null) {
            return Rules.accepted(accepted, footings.getOrDefault(id, Rules.Footing.of(accepted)));
        }
        List<PolicyProblem> rejected = compilation.policies().rejected().get(id);
        return rejected != null ? Rules.rejected(id, rejected) : Rules.unknown(id);
    }

    /** When {@link #step} has something to do next; empty: not before the next {@link #accept}. */
    Optional<Instant> next() {
        return states.values().stream().map(WorkloadState::next).min(Instant::compareTo);
    }

    List<PolicyProblem> problems() {
        return compilation.problems();
    }

    List<String> sourceProblems() {
        return source == null ? List.of() : source.problems();
    }

    /** Of every workload that a document names. A view. */
    SortedMap<PolicyId, WorkloadStatus> status() {
        return Collections.unmodifiableSortedMap(status);
    }
}
