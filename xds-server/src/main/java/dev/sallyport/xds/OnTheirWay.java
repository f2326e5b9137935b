package dev.sallyport.xds;

import dev.sallyport.snapshot.VersionedResource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The responses of one type that a sidecar has not answered yet. Not thread-safe. */
final class OnTheirWay {
    /** No resource has an empty version. */
    private static final String REMOVAL = "";

    /** By nonce, oldest first. */
    private final Map<String, Unanswered> responses = new LinkedHashMap<>();

    /** The version that is on its way, by name; {@link #REMOVAL} for none. */
    private final Map<String, String> versions = new HashMap<>();

    private long bytes;

    /**
     * One response.
     *
     * @param versions of its resources, by name
     * @param bytes of its resources and names
     */
    record Unanswered(Map<String, String> versions, Set<String> removed, long bytes, long sentAt) {
        private void forget(String name) {
            versions.remove(name);
            removed.remove(name);
        }
    }

    /** Takes note of a response that goes out now. */
    Unanswered add(Push push, String nonce, long now) {
        Map<String, String> sent = new HashMap<>();
        for (VersionedResource resource : push.resources()) {
            sent.put(resource.name(), resource.version());
        }
        Unanswered response = new Unanswered(sent, new HashSet<>(push.removed()), push.bytes(), now);
        responses.put(nonce, response);
        versions.putAll(sent);
        push.removed().forEach(name -> versions.put(name, REMOVAL));
        bytes += response.bytes();
        return response;
    }

    /** The response of that nonce, which is not on its way any more; null when there is none. */
    @Nullable
    Unanswered take(String nonce) {
        Unanswered response = responses.remove(nonce);
        if (response != null) {
            bytes -= response.bytes();
            versions.keySet().removeAll(response.versions().keySet());
            versions.keySet().removeAll(response.removed());
        }
        return response;
    }

    /** The sidecar does not want it any more: its answer says nothing about it. */
    void forget(String name) {
        if (versions.remove(name) != null) {
            responses.values().forEach(response -> response.forget(name));
        }
    }

    /** Whether some version of it, or its removal, is on its way. */
    boolean has(String name) {
        return versions.containsKey(name);
    }

    boolean has(VersionedResource resource) {
        return resource.version().equals(versions.get(resource.name()));
    }

    boolean isEmpty() {
        return responses.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    /** When the oldest of them was sent; empty when there is none. */
    Optional<Long> since() {
        return responses.values().stream().map(Unanswered::sentAt).findFirst();
    }
}
