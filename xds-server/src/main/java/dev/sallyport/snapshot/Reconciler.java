package dev.sallyport.snapshot;

import dev.sallyport.policy.CompiledPolicy;
import dev.sallyport.policy.PersistentMap;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.SourceState;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One step of the control loop: a state and a time in, the snapshots that changed out. What it does follows from what it was given, so that a test needs no thread. It looks only at workloads that something concerns: a document,
 * a Secret or ConfigMap that they refer to, a sidecar that came or went, or the clock. For one thread.
 */
final class Reconciler {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

    /** After a fault of ours. */
    private static final Duration TRY_AGAIN = Duration.ofSeconds(10);

    private final SnapshotFactory factory;
    private final SnapshotStore store;
    private final LoopMetrics metrics;
    private final Consumer<PublishedWorkload> published;
    private final CompiledPolicies policies;
    private final Map<PolicyId, WorkloadState> states = new HashMap<>();
    private final Map<PolicyId, Rules.Footing> footings = new HashMap<>();
    private final ReferenceIndex references = new ReferenceIndex();
    private final DueTimes due = new DueTimes();

    /** What {@link #step} has to look at. */
    private final NavigableSet<PolicyId> concerned = new TreeSet<>();

    /** Whose status or problems may have changed since {@link #takeReported}. */
    private NavigableSet<PolicyId> reported = new TreeSet<>();

    private PersistentMap<PolicyId, WorkloadStatus> status = PersistentMap.empty();
    private Optional<SourceState> source = Optional.empty();
    private Instant lookedAt = Instant.MIN;

    Reconciler(
            SnapshotFactory factory, SnapshotStore store, LoopMetrics metrics, Consumer<PublishedWorkload> published) {
        this.factory = factory;
        this.store = store;
        this.metrics = metrics;
        this.published = published;
        this.policies = new CompiledPolicies(metrics);
    }

    /** Puts {@code state} in force as of {@code now}. True: something was published. */
    boolean accept(SourceState state, Instant now) {
        SourceState before = source.orElse(SourceState.EMPTY);
        policies.accept(state.documents(), concerned::add);
        state.credentials().differences(before.credentials(), name -> references.usersOfSecret(name, concerned::add));
        if (state.credentials().explainsOtherwise(before.credentials())) {
            references.usersOfSecrets(concerned::add);
        }
        state.configMaps().differences(before.configMaps(), name -> references.usersOfConfigMap(name, concerned::add));
        source = Optional.of(state);
        return step(now);
    }

    /** Does what is due by {@code now}. True: something was published. */
    boolean step(Instant now) {
        return source.map(state -> step(state, now)).orElse(false);
    }

    private boolean step(SourceState state, Instant now) {
        store.takeServed(concerned::add);
        due.until(now, concerned::add);
        if (now.isBefore(lookedAt)) {
            concerned.addAll(states.keySet());
        }
        lookedAt = now;
        SortedMap<PolicyId, PublishedSnapshot> changed = new TreeMap<>();
        NavigableSet<PolicyId> idle = new TreeSet<>();
        while (!concerned.isEmpty()) {
            PolicyId id = concerned.first();
            lookAt(id, state, now).ifPresent(snapshot -> changed.put(id, snapshot));
            concerned.remove(id);
            if (isIdle(id)) {
                idle.add(id);
            }
        }
        changed.values().forEach(this::publish);
        concerned.addAll(idle);
        return !changed.isEmpty();
    }

    private Optional<PublishedSnapshot> lookAt(PolicyId id, SourceState state, Instant now) {
        metrics.lookedAt();
        try {
            Optional<CompiledPolicy> compiled = policies.of(id);
            if (compiled.isEmpty() && !isNeeded(id)) {
                forget(id);
                return Optional.empty();
            }
            return bringUpToDate(id, compiled, state, now);
        } catch (RuntimeException e) {
            // Not even a snapshot that denies everything could be made. The others go on; this one begins anew.
            LOG.error("{} cannot be brought up to date", id, e);
            metrics.failed();
            states.remove(id);
            due.put(id, now.plus(TRY_AGAIN));
            return Optional.empty();
        }
    }

    private Optional<PublishedSnapshot> bringUpToDate(
            PolicyId id, Optional<CompiledPolicy> compiled, SourceState state, Instant now) {
        Rules rules = rules(id, compiled);
        // A sidecar may have been served before there was a document, and goes on from there.
        WorkloadState workload = states.computeIfAbsent(id, unseen -> new WorkloadState(id, factory, store.newest(id)));
        boolean changed = workload.update(rules, state, now, store.isWatched(id));
        references.put(id, rules.hosts());
        due.put(id, workload.next());
        status = compiled.isPresent()
                ? status.with(id, workload.status(compiled.get().version()))
                : status.without(id);
        reported.add(id);
        return changed ? Optional.of(workload.snapshot()) : Optional.empty();
    }

    private Rules rules(PolicyId id, Optional<CompiledPolicy> compiled) {
        if (compiled.isEmpty()) {
            return Rules.unknown(id);
        }
        return compiled.get()
                .policy()
                .map(policy -> Rules.accepted(policy, footings.computeIfAbsent(id, first -> Rules.Footing.of(policy))))
                .orElseGet(() -> Rules.rejected(id, compiled.get().errors()));
    }

    /** A workload that no document names is kept while sidecars are there, or something of its last policy drains. */
    private boolean isNeeded(PolicyId id) {
        WorkloadState workload = states.get(id);
        return store.isWatched(id) || (workload == null ? store.newest(id).isPresent() : !isIdle(id));
    }

    /** Whether nothing but its sidecars, if there are any, keeps the workload from being forgotten: then the next step does that. */
    private boolean isIdle(PolicyId id) {
        WorkloadState workload = states.get(id);
        return workload != null && workload.isDrainedWithoutPolicy() && !store.isWatched(id);
    }

    private void forget(PolicyId id) {
        states.remove(id);
        store.remove(id);
        references.remove(id);
        due.remove(id);
        status = status.without(id);
        reported.add(id);
    }

    private void publish(PublishedSnapshot snapshot) {
        store.publish(snapshot);
        metrics.published();
        published.accept(new PublishedWorkload(
                snapshot.workload(), snapshot.plan().rules().passesThrough()));
    }

    /** When {@link #step} has something to do next; empty: not before the next {@link #accept}. */
    Optional<Instant> next() {
        return due.next();
    }

    /** What there is to report now. */
    LoopReport report(Optional<Instant> compiled, Duration compileTime) {
        return new LoopReport(
                source.isPresent(),
                status,
                policies.problems(),
                policies.problemsOfNoWorkload(),
                source.map(SourceState::problems).orElse(List.of()),
                compiled,
                compileTime,
                next());
    }

    /** The workloads of which the next {@link #report} may say something else than the last. */
    NavigableSet<PolicyId> takeReported() {
        NavigableSet<PolicyId> taken = reported;
        reported = new TreeSet<>();
        return taken;
    }
}
