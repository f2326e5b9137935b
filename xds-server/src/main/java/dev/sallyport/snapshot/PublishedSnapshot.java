package dev.sallyport.snapshot;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A plan, and its content as soon as anybody asks for it: workloads whose sidecars are not here cost a plan only. Thread-safe; two of them are never equal, only the same.
 */
final class PublishedSnapshot implements WorkloadSnapshot {
    private final SnapshotPlan plan;
    private final SnapshotFactory factory;

    private @Nullable SnapshotContent base;
    private volatile @Nullable SnapshotContent content;

    /** By the snapshot that is held, as long as any stream holds it. */
    private final Map<WorkloadSnapshot, Optional<VersionedResource>> interim = new WeakHashMap<>();

    /**
     * @param before the snapshot that this one takes the place of; what is equal in it is used again
     */
    PublishedSnapshot(SnapshotPlan plan, SnapshotFactory factory, Optional<PublishedSnapshot> before) {
        this.plan = plan;
        this.factory = factory;
        this.base = before.map(PublishedSnapshot::newestContent).orElse(null);
    }

    private synchronized @Nullable SnapshotContent newestContent() {
        return content != null ? content : base;
    }

    SnapshotPlan plan() {
        return plan;
    }

    private SnapshotContent content() {
        SnapshotContent made = content;
        return made != null ? made : make();
    }

    private synchronized SnapshotContent make() {
        SnapshotContent made = content;
        if (made == null) {
            made = factory.content(plan, base);
            content = made;
            base = null;
        }
        return made;
    }

    /** Why it denies everything although its policy was accepted; empty also while nobody asked for it. */
    Optional<String> fault() {
        SnapshotContent made = content;
        return made == null ? Optional.empty() : made.fault();
    }

    @Override
    public PolicyId workload() {
        return plan.rules().id();
    }

    @Override
    public String revision() {
        return content().revision();
    }

    @Override
    public SortedMap<String, VersionedResource> clusters() {
        return content().resources().clusters();
    }

    @Override
    public SortedMap<String, VersionedResource> listeners(SidecarPorts ports) {
        return content().resources().listeners(ports);
    }

    @Override
    public SortedMap<String, VersionedResource> routes() {
        return content().resources().routes();
    }

    @Override
    public VersionedResource denyAllRoutes(String name) {
        return content().resources().denyAllRoutes(name);
    }

    @Override
    public SortedSet<String> secretNames() {
        return content().resources().secretNames();
    }

    @Override
    public Optional<VersionedResource> secret(String name) {
        return content().secrets().get(name);
    }

    @Override
    public boolean isTombstone(String name) {
        return content().secrets().isTombstone(name);
    }

    @Override
    public Optional<VersionedResource> interimProxyRoutes(WorkloadSnapshot held) {
        WorkloadResources next = content().resources();
        if (!(held instanceof PublishedSnapshot before)) {
            return Optional.of(next.proxyRoutes(List.of()));
        }
        WorkloadResources old = before.content().resources();
        if (old == next) {
            return Optional.empty();
        }
        synchronized (interim) {
            return interim.computeIfAbsent(
                    held,
                    key -> InterimHosts.between(
                                    old.model().hosts(), next.model().hosts())
                            .map(next::proxyRoutes));
        }
    }

    @Override
    public String toString() {
        return "snapshot of " + workload();
    }
}
