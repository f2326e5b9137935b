package dev.sallyport.snapshot;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.WeakHashMap;

/** Resources and secrets of one workload at one moment. Thread-safe; two of them are never equal, only the same. */
final class PublishedSnapshot implements WorkloadSnapshot {
    private final WorkloadResources resources;
    private final WorkloadSecrets secrets;
    private final String revision;
    /** By the snapshot that is held, as long as any stream holds it. */
    private final Map<WorkloadSnapshot, Optional<VersionedResource>> interim = new WeakHashMap<>();

    PublishedSnapshot(WorkloadResources resources, WorkloadSecrets secrets, Versions versions) {
        this.resources = resources;
        this.secrets = secrets;
        this.revision = versions.revision(List.of(
                resources.clusters().values(),
                resources.listeners(SidecarPorts.DEFAULT).values(),
                resources.routes().values(),
                secrets.all()));
    }

    WorkloadResources resources() {
        return resources;
    }

    WorkloadSecrets secrets() {
        return secrets;
    }

    @Override
    public PolicyId workload() {
        return resources.model().id();
    }

    @Override
    public String revision() {
        return revision;
    }

    @Override
    public SortedMap<String, VersionedResource> clusters() {
        return resources.clusters();
    }

    @Override
    public SortedMap<String, VersionedResource> listeners(SidecarPorts ports) {
        return resources.listeners(ports);
    }

    @Override
    public SortedMap<String, VersionedResource> routes() {
        return resources.routes();
    }

    @Override
    public VersionedResource denyAllRoutes(String name) {
        return resources.denyAllRoutes(name);
    }

    @Override
    public SortedSet<String> secretNames() {
        return resources.secretNames();
    }

    @Override
    public Optional<VersionedResource> secret(String name) {
        return secrets.get(name);
    }

    @Override
    public boolean isTombstone(String name) {
        return secrets.isTombstone(name);
    }

    @Override
    public Optional<VersionedResource> interimProxyRoutes(WorkloadSnapshot held) {
        if (!(held instanceof PublishedSnapshot before)) {
            return Optional.of(resources.proxyRoutes(List.of()));
        }
        if (before.resources == resources) {
            return Optional.empty();
        }
        synchronized (interim) {
            return interim.computeIfAbsent(
                    held,
                    key -> InterimHosts.between(
                                    before.resources.model().hosts(),
                                    resources.model().hosts())
                            .map(resources::proxyRoutes));
        }
    }

    @Override
    public String toString() {
        return workload() + "@" + revision;
    }
}
