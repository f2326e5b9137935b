package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one sidecar asked for and holds of one type. Not thread-safe.
 *
 * <p>Envoy sends an acknowledgement after the requests that the response caused, so replies are matched by nonce alone. After a rejection it says nothing about which of several resources it took, and its
 * {@code initial_resource_versions} lie about them from then on: they are sent again, each alone, once. Secrets are sent alone from the start, several responses on their way at a time: Envoy names none in its rejection, and takes
 * the same bytes the second time for what it already has.
 */
final class TypeState {
    private static final String WILDCARD = "*";

    /** No resource has an empty version. */
    private static final String REMOVAL = "";

    private final ResourceType type;
    private final Set<String> subscribed = new HashSet<>();
    private final Map<String, String> held = new HashMap<>();

    /** Names that were subscribed since they were last sent: to be sent whatever is held. */
    private final Set<String> owed = new HashSet<>();

    /** Subscribed names that were answered as not existing. */
    private final Set<String> absent = new HashSet<>();

    /** Versions that were in a rejected response with others, by name. */
    private final Map<String, String> suspects = new HashMap<>();

    private final Map<String, Rejection> rejected = new HashMap<>();
    private boolean requested;
    private boolean wildcard;
    private boolean answerOwed;

    /** Responses that were not answered yet, by nonce, oldest first. */
    private final Map<String, Outstanding> outstanding = new LinkedHashMap<>();

    /** The version that is on its way, by name; {@link #REMOVAL} for none. */
    private final Map<String, String> onItsWay = new HashMap<>();

    private long bytesOnTheirWay;

    TypeState(ResourceType type) {
        this.type = type;
    }

    /** A version that the sidecar rejected, or that could not be made. */
    record Rejection(String version, String reason, long at) {}

    private record Outstanding(Map<String, String> versions, Set<String> removed, long bytes, long sentAt) {
        void forget(String name) {
            versions.remove(name);
            removed.remove(name);
        }
    }

    ResourceType type() {
        return type;
    }

    /** Takes up what a request asks for, but not what it replies to. */
    void subscribe(DeltaRequest.Valid request) {
        boolean first = !requested;
        requested = true;
        for (String name : request.unsubscribe()) {
            unsubscribe(name);
        }
        for (String name : request.subscribe()) {
            subscribe(name);
        }
        if (first) {
            wildcard |= isWildcardByDefault() && request.subscribe().isEmpty();
            request.initialVersions().forEach(this::holds);
            answerOwed = wildcard && held.isEmpty();
        }
    }

    private boolean isWildcardByDefault() {
        return type == ResourceType.CLUSTER || type == ResourceType.LISTENER;
    }

    private void holds(String name, String version) {
        if (wants(name)) {
            held.put(name, version);
            owed.remove(name);
        }
    }

    private void subscribe(String name) {
        if (name.equals(WILDCARD)) {
            wildcard = true;
            return;
        }
        forget(name);
        subscribed.add(name);
        owed.add(name);
    }

    private void unsubscribe(String name) {
        if (name.equals(WILDCARD)) {
            wildcard = false;
            held.keySet().retainAll(subscribed);
            return;
        }
        subscribed.remove(name);
        forget(name);
        held.remove(name);
        if (onItsWay.remove(name) != null) {
            outstanding.values().forEach(response -> response.forget(name));
        }
    }

    private void forget(String name) {
        owed.remove(name);
        absent.remove(name);
        suspects.remove(name);
        rejected.remove(name);
    }

    /**
     * Takes up the reply to a response.
     *
     * @param error null for an acknowledgement
     * @return empty when {@code nonce} is not that of a response on its way: such a reply changes nothing
     */
    Optional<Reply> reply(String nonce, @Nullable String error, long now) {
        Outstanding answered = outstanding.remove(nonce);
        if (answered == null) {
            return Optional.empty();
        }
        bytesOnTheirWay -= answered.bytes();
        onItsWay.keySet().removeAll(answered.versions().keySet());
        onItsWay.keySet().removeAll(answered.removed());
        if (error == null) {
            acknowledged(answered);
        } else {
            rejected(answered, error, now);
        }
        return Optional.of(new Reply(error == null, answered.sentAt()));
    }

    private void acknowledged(Outstanding answered) {
        answered.versions().forEach((name, version) -> {
            held.put(name, version);
            absent.remove(name);
            rejected.remove(name);
            suspects.remove(name);
        });
        gone(answered.removed());
    }

    private void rejected(Outstanding answered, String error, long now) {
        if (answered.versions().isEmpty()) {
            // A removal cannot be wrong, and repeating it would not help.
            gone(answered.removed());
        } else if (answered.versions().size() == 1 && answered.removed().isEmpty()) {
            answered.versions().forEach((name, version) -> reject(name, version, error, now));
        } else {
            answered.versions().keySet().forEach(held::remove);
            suspects.putAll(answered.versions());
        }
    }

    private void gone(Set<String> names) {
        for (String name : names) {
            held.remove(name);
            if (subscribed.contains(name)) {
                absent.add(name);
            }
        }
    }

    /** From now on this version of the resource is not sent. */
    void reject(String name, String version, String reason, long now) {
        suspects.remove(name);
        rejected.put(name, new Rejection(version, reason, now));
    }

    /** Takes note of a response that goes out now. */
    void sent(Push push, String nonce, long now) {
        Map<String, String> versions = new HashMap<>();
        long bytes = 0;
        for (VersionedResource resource : push.resources()) {
            versions.put(resource.name(), resource.version());
            bytes += resource.bytes().size();
        }
        onItsWay.putAll(versions);
        push.removed().forEach(name -> onItsWay.put(name, REMOVAL));
        owed.removeAll(versions.keySet());
        push.removed().forEach(owed::remove);
        answerOwed = false;
        bytesOnTheirWay += bytes;
        outstanding.put(nonce, new Outstanding(versions, new HashSet<>(push.removed()), bytes, now));
    }

    /** Whether a request of this type has come. */
    boolean isRequested() {
        return requested;
    }

    /** Whether resources of this type are sent one by one. */
    boolean isOneByOne() {
        return type == ResourceType.SECRET;
    }

    boolean isAnythingOnItsWay() {
        return !outstanding.isEmpty();
    }

    /** How many bytes may be sent now; 0: nothing. */
    long room(long mostOnTheirWay) {
        if (!requested || !outstanding.isEmpty() && !isOneByOne()) {
            return 0;
        }
        return Math.max(0, mostOnTheirWay - bytesOnTheirWay);
    }

    /** Whether a response is due even if it is empty: without one Envoy would not go on to the next type. */
    boolean isAnswerOwed() {
        return answerOwed;
    }

    boolean wants(String name) {
        return wildcard || subscribed.contains(name);
    }

    /** Whether the sidecar has acknowledged some version of it. */
    boolean holds(String name) {
        return held.containsKey(name);
    }

    boolean holds(VersionedResource resource) {
        return resource.version().equals(held.get(resource.name()));
    }

    boolean holdsNothing() {
        return held.isEmpty();
    }

    boolean isRejected(VersionedResource resource) {
        Rejection rejection = rejected.get(resource.name());
        return rejection != null && rejection.version().equals(resource.version());
    }

    /** Whether it has to be sent; false while the sidecar has not answered another version. */
    boolean needs(VersionedResource resource) {
        return wants(resource.name())
                && !isRejected(resource)
                && !onItsWay.containsKey(resource.name())
                && (!holds(resource) || owed.contains(resource.name()));
    }

    /** Whether nothing more is to come of it: it is held, rejected, or not asked for. */
    boolean isSettled(VersionedResource resource) {
        return !needs(resource) && !onItsWay.containsKey(resource.name());
    }

    /** Whether it is settled or on its way in this version. */
    boolean isSent(VersionedResource resource) {
        return isSettled(resource) || resource.version().equals(onItsWay.get(resource.name()));
    }

    /** Whether the sidecar has to be told that there is nothing of that name. */
    boolean needsRemoval(String name) {
        return wants(name) && !onItsWay.containsKey(name) && (holds(name) || awaitsAnswer(name));
    }

    private boolean awaitsAnswer(String name) {
        return subscribed.contains(name) && !absent.contains(name);
    }

    boolean isRemovalSettled(String name) {
        return !needsRemoval(name) && !onItsWay.containsKey(name);
    }

    /** Whether it has to be sent alone, because it was in a rejected response with others. */
    boolean isSuspect(VersionedResource resource) {
        return resource.version().equals(suspects.get(resource.name()));
    }

    Set<String> subscribedNames() {
        return subscribed;
    }

    Set<String> heldNames() {
        return held.keySet();
    }

    Map<String, Rejection> rejections() {
        return rejected;
    }

    int names() {
        return subscribed.size() + (wildcard ? held.size() : 0);
    }

    /** When the oldest response that was not answered yet was sent; empty when there is none. */
    Optional<Long> unansweredSince() {
        return outstanding.values().stream().map(Outstanding::sentAt).findFirst();
    }
}
