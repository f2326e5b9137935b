package dev.sallyport.snapshot;

import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The secrets of one workload. A credential without a usable value is there as a tombstone, always: Envoy ignores the removal of a secret, and after a restart nobody knows which sidecar still holds an old value. A sidecar
 * that never had one takes the tombstone as well, and its host's route answers for it. Immutable.
 */
final class WorkloadSecrets {
    private final SortedMap<String, VersionedResource> resources;
    private final SortedSet<String> tombstones;

    WorkloadSecrets(SortedMap<String, VersionedResource> resources, SortedSet<String> tombstones) {
        this.resources = Collections.unmodifiableSortedMap(new TreeMap<>(resources));
        this.tombstones = Collections.unmodifiableSortedSet(new TreeSet<>(tombstones));
    }

    Optional<VersionedResource> get(String name) {
        return Optional.ofNullable(resources.get(name));
    }

    boolean isTombstone(String name) {
        return tombstones.contains(name);
    }

    Collection<VersionedResource> all() {
        return resources.values();
    }

    SortedSet<String> names() {
        return new TreeSet<>(resources.keySet());
    }
}
