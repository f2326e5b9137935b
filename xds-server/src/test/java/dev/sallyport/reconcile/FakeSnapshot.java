package dev.sallyport.reconcile;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.snapshot.WorkloadSnapshot;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/** A workload and a revision, for tests that look at nothing else. */
record FakeSnapshot(PolicyId workload, String revision) implements WorkloadSnapshot {
    @Override
    public SortedMap<String, VersionedResource> clusters() {
        throw new AssertionError("nobody looks here");
    }

    @Override
    public SortedMap<String, VersionedResource> listeners(SidecarPorts ports) {
        throw new AssertionError("nobody looks here");
    }

    @Override
    public SortedMap<String, VersionedResource> routes() {
        throw new AssertionError("nobody looks here");
    }

    @Override
    public VersionedResource denyAllRoutes(String name) {
        throw new AssertionError("nobody looks here");
    }

    @Override
    public SortedSet<String> secretNames() {
        throw new AssertionError("nobody looks here");
    }

    @Override
    public Optional<VersionedResource> secret(String name) {
        throw new AssertionError("nobody looks here");
    }

    @Override
    public boolean isTombstone(String name) {
        throw new AssertionError("nobody looks here");
    }

    @Override
    public Optional<VersionedResource> interimProxyRoutes(WorkloadSnapshot held) {
        throw new AssertionError("nobody looks here");
    }
}
