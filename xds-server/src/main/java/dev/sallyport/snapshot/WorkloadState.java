package dev.sallyport.snapshot;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyVersion;
import dev.sallyport.source.SourceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One workload over time: what is in force, what is draining, and what was published last. For the control loop's thread. */
final class WorkloadState {
    private final PolicyId id;
    private final SnapshotFactory factory;
    private final Drain drain;
    private final LeafSlots slots;
    private @Nullable References references;
    private @Nullable SnapshotPlan plan;
    private @Nullable PublishedSnapshot snapshot;
    private Instant lookedAt = Instant.MAX;
    private Instant next = Instant.MIN;

    /**
     * @param published what {@link Snapshots#current} handed out while no document named the workload
     */
    WorkloadState(PolicyId id, SnapshotFactory factory, Optional<PublishedSnapshot> published) {
        this.id = id;
        this.factory = factory;
        this.drain = factory.drain();
        this.slots = factory.leafSlots();
        this.snapshot = published.orElse(null);
    }

    /** A clock that was set back counts as well. */
    private boolean isDue(Instant now) {
        return now.isBefore(lookedAt) || !now.isBefore(next);
    }

    /**
     * Brings the workload up to date. True: its sidecars should hold something else now.
     *
     * @param rules what is in force from now on
     * @param watched whether sidecars wait for it: then the snapshot is made here and not on their threads, and one with equal content is left out
     */
    boolean update(Rules rules, SourceState source, Instant now, boolean watched) {
        References nextReferences = References.of(id, rules.hosts(), source);
        boolean same = plan != null && rules.equals(plan.rules()) && nextReferences.equals(references);
        boolean changed = false;
        if (!same || isDue(now)) {
            SnapshotPlan nextPlan = plan(rules, nextReferences, now);
            changed = !nextPlan.equals(plan) && replace(nextPlan, watched);
            plan = nextPlan;
            references = nextReferences;
            lookedAt = now;
            next = factory.next(nextPlan, drain, slots);
        }
        return changed;
    }

    private SnapshotPlan plan(Rules rules, References nextReferences, Instant now) {
        Resolved resolved = plan != null && rules.equals(plan.rules()) && nextReferences.equals(references)
                ? plan.resolved()
                : factory.resolve(rules, nextReferences);
        drain.change(hosts(), rules.hosts(), now);
        drain.expire(now);
        return factory.plan(rules, resolved, drain, slots);
    }

    private List<HostEntry> hosts() {
        return plan == null ? List.of() : plan.rules().hosts();
    }

    private boolean replace(SnapshotPlan nextPlan, boolean watched) {
        Optional<PublishedSnapshot> before = Optional.ofNullable(snapshot);
        PublishedSnapshot made = new PublishedSnapshot(nextPlan, factory, before);
        if (watched && before.map(PublishedSnapshot::revision).equals(Optional.of(made.revision()))) {
            return false;
        }
        snapshot = made;
        return true;
    }

    /** Whether no policy is in force, and nothing is left of one that has to be taken back in order. */
    boolean isDrainedWithoutPolicy() {
        return plan != null && plan.rules().isUnknown() && drain.next().isEmpty();
    }

    /** When time alone calls for an {@link #update}. */
    Instant next() {
        return next;
    }

    PublishedSnapshot snapshot() {
        if (snapshot == null) {
            throw new IllegalStateException(id + " was never updated");
        }
        return snapshot;
    }

    WorkloadStatus status(Optional<PolicyVersion> version) {
        if (plan == null) {
            throw new IllegalStateException(id + " was never updated");
        }
        Rules rules = plan.rules();
        List<String> problems = new ArrayList<>(rules.problems());
        snapshot().fault().ifPresent(problems::add);
        return new WorkloadStatus(
                rules.policy(),
                problems,
                snapshot(),
                rules.hosts().size(),
                plan.resolved().unresolvedCredentials(),
                plan.resolved().unresolvedTrustedCas(),
                rules.passesThrough(),
                version);
    }
}
