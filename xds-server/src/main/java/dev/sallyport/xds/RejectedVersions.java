package dev.sallyport.xds;

import dev.sallyport.snapshot.VersionedResource;
import java.util.HashMap;
import java.util.Map;

/** Which versions of resources of one type a sidecar did not take, as far as that is known. Not thread-safe. */
final class RejectedVersions {
    private final Map<String, Rejection> rejected = new HashMap<>();

    /** Versions that were in a rejected response with others, by name. */
    private final Map<String, String> suspects = new HashMap<>();

    /** A version that the sidecar rejected, or that could not be made. */
    record Rejection(String version, String reason, long at) {}

    /** From now on this version of the resource is not sent. */
    void reject(String name, String version, String reason, long now) {
        suspects.remove(name);
        rejected.put(name, new Rejection(version, reason, now));
    }

    /** One of these is bad, and nobody knows which. */
    void suspect(Map<String, String> versions) {
        suspects.putAll(versions);
    }

    void forget(String name) {
        rejected.remove(name);
        suspects.remove(name);
    }

    boolean isRejected(VersionedResource resource) {
        Rejection rejection = rejected.get(resource.name());
        return rejection != null && rejection.version().equals(resource.version());
    }

    boolean isSuspect(VersionedResource resource) {
        return resource.version().equals(suspects.get(resource.name()));
    }

    Map<String, Rejection> byName() {
        return rejected;
    }
}
