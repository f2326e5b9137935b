package dev.sallyport.snapshot;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.SourceState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One workload over time: what is in force, what is draining, and what was published last. For the control loop's thread. */
final class WorkloadState {
    private final PolicyId id;
    private final SnapshotFactory factory;
    private final Drain drain;
    private final LeafSlots slots;
    private @Nullable Object document;
    private @Nullable SourceState source;
    private @Nullable Rules rules;
    private @Nullable References references;
    private @Nullable Resolved resolved;
    private @Nullable PublishedSnapshot snapshot;
    private Instant lookedAt = Instant.MAX;
    private Instant next = Instant.MIN;

    WorkloadState(PolicyId id, SnapshotFactory factory) {
        this.id = id;
        this.factory = factory;
        this.drain = factory.drain();
        this.slots = factory.leafSlots();
    }

    /** Takes over what {@link Snapshots#current} handed out while no document named the workload. */
    void resume(PublishedSnapshot published) {
        snapshot = published;
    }

    /** Whether there is nothing to do: the same document as before, the same Secrets and ConfigMaps, and nothing has ended since. */
    boolean isSettled(Object nextDocument, SourceState nextSource, Instant now) {
        return !isDue(now)
                && nextDocument.equals(document)
                && source != null
                && nextSource.credentials() == source.credentials()
                && nextSource.configMaps() == source.configMaps();
    }

    /** A clock that was set back counts as well. */
    private boolean isDue(Instant now) {
        return now.isBefore(lookedAt) || !now.isBefore(next);
    }

    /**
     * Brings the workload up to date. True: its sidecars should hold something else now.
     *
     * @param nextDocument what {@code nextRules} were made of
     */
    boolean update(Object nextDocument, Rules nextRules, SourceState nextSource, Instant now) {
        References nextReferences = References.of(id, nextRules.hosts(), nextSource);
        boolean same = nextRules.equals(rules) && nextReferences.equals(references);
        if (!same || isDue(now)) {
            Resolved found = same && resolved != null
                    ? resolved
                    : new Resolved(id, nextRules.hosts(), nextReferences, factory.secrets());
            PublishedSnapshot before = snapshot;
            snapshot = snapshot(nextRules, found, now);
            rules = nextRules;
            references = nextReferences;
            resolved = found;
            lookedAt = now;
            next = factory.next(drain, slots);
            same = snapshot == before;
        }
        document = nextDocument;
        source = nextSource;
        return !same;
    }

    private PublishedSnapshot snapshot(Rules nextRules, Resolved found, Instant now) {
        drain.change(hosts(), nextRules.hosts(), now);
        drain.expire(now);
        return factory.make(nextRules, found, drain, slots, snapshot);
    }

    private List<HostEntry> hosts() {
        return snapshot == null ? List.of() : snapshot.resources().model().hosts();
    }

    /** Whether {@code wanted} is in force and nothing is left that has to be taken back in order. */
    boolean isDrainedUnder(Object wanted) {
        return wanted.equals(document) && drain.next().isEmpty();
    }

    Instant next() {
        return next;
    }

    PublishedSnapshot snapshot() {
        if (snapshot == null) {
            throw new IllegalStateException(id + " was never updated");
        }
        return snapshot;
    }

    WorkloadStatus status() {
        if (rules == null || resolved == null) {
            throw new IllegalStateException(id + " was never updated");
        }
        return new WorkloadStatus(
                id,
                rules.policy(),
                rules.problems(),
                snapshot().revision(),
                rules.hosts().size(),
                resolved.unresolvedCredentials(),
                resolved.unresolvedTrustedCas(),
                rules.passesThrough());
    }
}
