package dev.sallyport.snapshot;

import dev.sallyport.envoy.WorkloadModel;
import dev.sallyport.policy.PolicyId;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes snapshots of what is in force, and as little of them anew as possible. Thread-safe. */
final class SnapshotFactory {
    private final WorkloadPki pki;
    private final Versions versions;
    private final ResourcePool pool;
    private final SecretFactory secrets;
    private final LoopMetrics metrics;
    private final Duration drainTime;

    SnapshotFactory(WorkloadPki pki, Duration drainTime, LoopMetrics metrics) {
        this.pki = pki;
        this.versions = new Versions(pki.seed());
        this.pool = new ResourcePool(versions);
        this.secrets = new SecretFactory(pool, pki, metrics.certificatesIssued());
        this.metrics = metrics;
        this.drainTime = drainTime;
    }

    SecretFactory secrets() {
        return secrets;
    }

    LeafSlots leafSlots() {
        return new LeafSlots(secrets, pki.leaves());
    }

    Drain drain() {
        return new Drain(drainTime);
    }

    /** When time alone changes a snapshot. */
    Instant next(Drain drain, LeafSlots slots) {
        Instant certificates = earlier(slots.next(), pki.cas().nextChange());
        return drain.next().map(drained -> earlier(drained, certificates)).orElse(certificates);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /** What a workload without a policy gets, not knowing what its sidecars held before. */
    PublishedSnapshot unknown(PolicyId id) {
        Rules rules = Rules.unknown(id);
        return make(rules, new Resolved(id, rules.hosts(), References.NONE, secrets), drain(), leafSlots(), null);
    }

    /** The snapshot of these rules: {@code previous} itself when nothing in it would differ. */
    PublishedSnapshot make(
            Rules rules, Resolved resolved, Drain drain, LeafSlots slots, @Nullable PublishedSnapshot previous) {
        WorkloadModel model = new WorkloadModel(
                rules.id(),
                rules.hosts(),
                rules.denyHint(),
                resolved.unavailable(),
                resolved.trustedCas(),
                drain.leaving(rules.hosts()),
                drain.retainedPorts(),
                pki.cas().bundlePem(rules.id()));
        WorkloadResources resources =
                previous != null && previous.resources().model().equals(model)
                        ? previous.resources()
                        : metrics.translated(() -> new WorkloadResources(model, pool));
        WorkloadSecrets held = secrets(rules, resolved, slots);
        requireAll(resources.secretNames(), held.names());
        PublishedSnapshot made = new PublishedSnapshot(resources, held, versions);
        return previous != null && previous.revision().equals(made.revision()) ? previous : made;
    }

    private WorkloadSecrets secrets(Rules rules, Resolved resolved, LeafSlots slots) {
        SortedMap<String, VersionedResource> all = new TreeMap<>(resolved.credentials());
        all.putAll(slots.leaves(rules.id(), rules));
        all.put(secrets.publicRoots().name(), secrets.publicRoots());
        return new WorkloadSecrets(all, resolved.tombstones());
    }

    /** A secret that is referred to and does not exist would keep a whole sidecar from opening. */
    private static void requireAll(SortedSet<String> needed, SortedSet<String> made) {
        if (!made.containsAll(needed)) {
            throw new IllegalStateException("resources refer to secrets " + needed + ", there are " + made);
        }
    }
}
