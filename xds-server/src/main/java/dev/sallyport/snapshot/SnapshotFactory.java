package dev.sallyport.snapshot;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.envoy.WorkloadModel;
import dev.sallyport.policy.PolicyId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes plans into content, and as little of it anew as possible. Thread-safe. */
final class SnapshotFactory {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotFactory.class);

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

    LeafSlots leafSlots() {
        return new LeafSlots(secrets, pki.leaves());
    }

    Drain drain() {
        return new Drain(drainTime);
    }

    Resolved resolve(Rules rules, References references) {
        return new Resolved(rules.id(), rules.hosts(), references, secrets);
    }

    SnapshotPlan plan(Rules rules, Resolved resolved, Drain drain, LeafSlots slots) {
        return new SnapshotPlan(
                rules,
                resolved,
                drain.leaving(rules.hosts()),
                drain.retainedPorts(),
                pki.cas().nextChange(),
                slots.leaves(rules));
    }

    /** When time alone changes a plan. */
    Instant next(SnapshotPlan plan, Drain drain, LeafSlots slots) {
        Instant certificates = earlier(slots.next(), plan.caUntil());
        return drain.next().map(drained -> earlier(drained, certificates)).orElse(certificates);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /** What a workload without a policy gets, not knowing what its sidecars held before. */
    PublishedSnapshot unknown(PolicyId id) {
        Rules rules = Rules.unknown(id);
        return new PublishedSnapshot(
                plan(rules, resolve(rules, References.NONE), drain(), leafSlots()), this, Optional.empty());
    }

    /**
     * What the plan says; when that fails, what denies everything. A workload that cannot be translated is our fault, and hurts no other.
     *
     * @param base content of an earlier plan of the workload: what is equal in it is used again
     */
    SnapshotContent content(SnapshotPlan plan, @Nullable SnapshotContent base) {
        try {
            return content(plan, base, Optional.empty());
        } catch (RuntimeException e) {
            LOG.error(
                    "{} cannot be put in force; it denies everything",
                    plan.rules().id(),
                    e);
            metrics.failed();
            String fault = "internal error (" + e.getClass().getSimpleName() + "), see the log of the control plane";
            Rules rules = Rules.faulty(plan.rules(), fault);
            SnapshotPlan nothing = plan(rules, resolve(rules, References.NONE), drain(), leafSlots());
            return content(nothing, null, Optional.of(fault));
        }
    }

    private SnapshotContent content(SnapshotPlan plan, @Nullable SnapshotContent base, Optional<String> fault) {
        WorkloadModel model = model(plan);
        WorkloadResources resources = base != null && base.resources().model().equals(model)
                ? base.resources()
                : metrics.translated(() -> new WorkloadResources(model, pool, base == null ? null : base.resources()));
        WorkloadSecrets held = secrets(plan);
        requireAll(resources.secretNames(), held.names());
        String revision = versions.revision(List.of(
                resources.clusters().values(),
                resources.listeners(SidecarPorts.DEFAULT).values(),
                resources.routes().values(),
                held.all()));
        return new SnapshotContent(resources, held, revision, fault);
    }

    private WorkloadModel model(SnapshotPlan plan) {
        Rules rules = plan.rules();
        return new WorkloadModel(
                rules.id(),
                rules.hosts(),
                rules.denyHint(),
                plan.resolved().unavailable(),
                plan.resolved().trustedCas(),
                plan.leaving(),
                plan.retainedPorts(),
                pki.cas().bundlePem(rules.id()));
    }

    private WorkloadSecrets secrets(SnapshotPlan plan) {
        SortedMap<String, VersionedResource> all = new TreeMap<>(plan.resolved().credentials());
        all.putAll(plan.leaves());
        all.put(secrets.publicRoots().name(), secrets.publicRoots());
        return new WorkloadSecrets(all, plan.resolved().tombstones());
    }

    /** A secret that is referred to and does not exist would keep a whole sidecar from opening. */
    private static void requireAll(SortedSet<String> needed, SortedSet<String> made) {
        if (!made.containsAll(needed)) {
            throw new IllegalStateException("resources refer to secrets " + needed + ", there are " + made);
        }
    }
}
