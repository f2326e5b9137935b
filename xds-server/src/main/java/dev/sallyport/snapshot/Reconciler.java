package dev.sallyport.snapshot;

import dev.sallyport.policy.Compilation;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.source.SourceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
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
    private final SortedMap<PolicyId, WorkloadState> states = new TreeMap<>();
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
            PolicySet policies = compilation.policies();
            policies.accepted().forEach((id, policy) -> footings.putIfAbsent(id, Rules.Footing.of(policy)));
            metrics.workloads(policies.accepted().size(), policies.rejected().size());
        }
        source = state;
        return step(now);
    }

    /** Does what is due by {@code now}. True: something was published. */
    boolean step(Instant now) {
        if (source == null) {
            return false;
        }
        Set<PolicyId> watched = store.watched();
        List<PublishedSnapshot> changed = new ArrayList<>();
        for (PolicyId id : workloads(watched)) {
            if (!isForgotten(id, watched)) {
                bringUpToDate(id, source, now, watched.contains(id), changed);
            }
        }
        changed.forEach(this::publish);
        return !changed.isEmpty();
    }

    private Set<PolicyId> workloads(Set<PolicyId> watched) {
        Set<PolicyId> all = new TreeSet<>(compilation.policies().accepted().keySet());
        all.addAll(compilation.policies().rejected().keySet());
        all.addAll(states.keySet());
        all.addAll(watched);
        all.addAll(store.known());
        return all;
    }

    /** A workload that no document names is kept while sidecars are there, or something of its last policy drains. */
    private boolean isForgotten(PolicyId id, Set<PolicyId> watched) {
        WorkloadState state = states.get(id);
        boolean needed = hasDocument(id) || watched.contains(id) || state != null && !state.isDrainedUnder(NO_DOCUMENT);
        if (!needed) {
            states.remove(id);
            store.remove(id);
        }
        return !needed;
    }

    private void bringUpToDate(
            PolicyId id, SourceState state, Instant now, boolean watched, List<PublishedSnapshot> changed) {
        // A sidecar may have been served before there was a document, and goes on from there.
        WorkloadState workload = states.computeIfAbsent(id, unseen -> new WorkloadState(id, factory, store.newest(id)));
        Object document = document(id);
        if (workload.isSettled(document, state, now)) {
            return;
        }
        try {
            if (workload.update(document, rules(id), state, now, watched)) {
                changed.add(workload.snapshot());
            }
        } catch (RuntimeException e) {
            // Not even a snapshot that denies everything could be made. The others go on; this one begins anew with the
            // next step.
            LOG.error("{} cannot be brought up to date", id, e);
            metrics.failed();
            states.remove(id);
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

    /** What {@link #rules} makes its answer of; equal documents need no second answer. */
    private Object document(PolicyId id) {
        EgressPolicy accepted = compilation.policies().accepted().get(id);
        if (accepted != null) {
            return accepted;
        }
        List<PolicyProblem> rejected = compilation.policies().rejected().get(id);
        return rejected != null ? rejected : NO_DOCUMENT;
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

    /** Of every workload that a document names. */
    SortedMap<PolicyId, WorkloadStatus> status() {
        SortedMap<PolicyId, WorkloadStatus> status = new TreeMap<>();
        states.forEach((id, workload) -> {
            if (hasDocument(id)) {
                status.put(id, workload.status());
            }
        });
        return status;
    }
}
