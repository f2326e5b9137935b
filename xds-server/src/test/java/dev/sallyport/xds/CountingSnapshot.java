package dev.sallyport.xds;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.snapshot.WorkloadSnapshot;
import java.util.Iterator;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts how many resources of a snapshot are looked at. */
final class CountingSnapshot implements WorkloadSnapshot {
    private final WorkloadSnapshot snapshot;
    private final AtomicInteger looks = new AtomicInteger();

    CountingSnapshot(WorkloadSnapshot snapshot) {
        this.snapshot = snapshot;
    }

    /** How many since the last call. */
    int looks() {
        return looks.getAndSet(0);
    }

    private SortedMap<String, VersionedResource> counted(SortedMap<String, VersionedResource> resources) {
        looks.addAndGet(resources.size());
        return new TreeMap<>(resources);
    }

    /** Counts the elements that are iterated over. */
    private static final class CountingSet extends TreeSet<String> {
        private static final long serialVersionUID = 1;

        @SuppressWarnings("serial") // never serialised
        private final AtomicInteger looks;

        CountingSet(SortedSet<String> names, AtomicInteger looks) {
            super(names);
            this.looks = looks;
        }

        @Override
        public Iterator<String> iterator() {
            Iterator<String> all = super.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return all.hasNext();
                }

                @Override
                public String next() {
                    looks.incrementAndGet();
                    return all.next();
                }
            };
        }
    }

    @Override
    public PolicyId workload() {
        return snapshot.workload();
    }

    @Override
    public String revision() {
        return snapshot.revision();
    }

    @Override
    public SortedMap<String, VersionedResource> clusters() {
        return counted(snapshot.clusters());
    }

    @Override
    public SortedMap<String, VersionedResource> listeners(SidecarPorts ports) {
        return counted(snapshot.listeners(ports));
    }

    @Override
    public SortedMap<String, VersionedResource> routes() {
        return counted(snapshot.routes());
    }

    @Override
    public VersionedResource denyAllRoutes(String name) {
        return snapshot.denyAllRoutes(name);
    }

    @Override
    public SortedSet<String> secretNames() {
        return new CountingSet(snapshot.secretNames(), looks);
    }

    @Override
    public Optional<VersionedResource> secret(String name) {
        looks.incrementAndGet();
        return snapshot.secret(name);
    }

    @Override
    public boolean isTombstone(String name) {
        looks.incrementAndGet();
        return snapshot.isTombstone(name);
    }

    @Override
    public Optional<VersionedResource> interimProxyRoutes(WorkloadSnapshot held) {
        return snapshot.interimProxyRoutes(held);
    }
}
