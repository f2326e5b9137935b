package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.xds.OnTheirWay.Unanswered;
import dev.sallyport.xds.RejectedVersions.Rejection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
    private static final int RESPONSES_AHEAD = 2;

    private final ResourceType type;
    private final Subscriptions subscriptions = new Subscriptions();
    private final Map<String, String> held = new HashMap<>();
    private final OnTheirWay onTheirWay = new OnTheirWay();
    private final RejectedVersions rejected = new RejectedVersions();
    private Set<String> changed = new HashSet<>();
    private boolean answerOwed;

    TypeState(ResourceType type) {
        this.type = type;
    }

    ResourceType type() {
        return type;
    }

    /** The names to which something happened since the last call; of all others everything that is said here is as it was. */
    Set<String> takeChanged() {
        if (changed.isEmpty()) {
            return Set.of();
        }
        Set<String> names = changed;
        changed = new HashSet<>();
        return names;
    }

    /** Takes up what a request asks for, but not what it replies to. */
    void subscribe(DeltaRequest.Valid request) {
        request.unsubscribe().forEach(this::unsubscribe);
        request.subscribe().forEach(this::subscribe);
        if (subscriptions.begin(isWildcardByDefault() && request.subscribe().isEmpty())) {
            request.initialVersions().forEach(this::holds);
            answerOwed = subscriptions.toEverything() && held.isEmpty();
        }
    }

    private boolean isWildcardByDefault() {
        return type == ResourceType.CLUSTER || type == ResourceType.LISTENER;
    }

    private void holds(String name, String version) {
        if (wants(name)) {
            held.put(name, version);
            subscriptions.answered(List.of(name));
            changed.add(name);
        }
    }

    private void subscribe(String name) {
        if (Subscriptions.isEverything(name)) {
            subscriptions.everything(true);
            return;
        }
        subscriptions.add(name);
        rejected.forget(name);
        changed.add(name);
    }

    private void unsubscribe(String name) {
        if (Subscriptions.isEverything(name)) {
            subscriptions.everything(false);
            changed.addAll(held.keySet());
            held.keySet().retainAll(subscriptions.names());
            return;
        }
        subscriptions.remove(name);
        rejected.forget(name);
        held.remove(name);
        onTheirWay.forget(name);
        changed.add(name);
    }

    /**
     * Takes up the reply to a response.
     *
     * @param error null for an acknowledgement
     * @return empty when {@code nonce} is not that of a response on its way: such a reply changes nothing
     */
    Optional<Reply> reply(String nonce, @Nullable String error, long now) {
        Unanswered answered = onTheirWay.take(nonce);
        if (answered == null) {
            return Optional.empty();
        }
        changed.addAll(answered.versions().keySet());
        changed.addAll(answered.removed());
        if (error == null) {
            acknowledged(answered);
        } else {
            rejected(answered, error, now);
        }
        return Optional.of(new Reply(error == null, answered.sentAt()));
    }

    private void acknowledged(Unanswered answered) {
        answered.versions().forEach((name, version) -> {
            held.put(name, version);
            subscriptions.exists(name);
            rejected.forget(name);
        });
        gone(answered.removed());
    }

    private void rejected(Unanswered answered, String error, long now) {
        if (answered.versions().isEmpty()) {
            // A removal cannot be wrong, and repeating it would not help.
            gone(answered.removed());
        } else if (answered.versions().size() == 1 && answered.removed().isEmpty()) {
            answered.versions().forEach((name, version) -> rejected.reject(name, version, error, now));
        } else {
            answered.versions().keySet().forEach(held::remove);
            rejected.suspect(answered.versions());
        }
    }

    private void gone(Set<String> names) {
        for (String name : names) {
            held.remove(name);
            subscriptions.doesNotExist(name);
        }
    }

    /** From now on this version of the resource is not sent. */
    void reject(String name, String version, String reason, long now) {
        changed.add(name);
        rejected.reject(name, version, reason, now);
    }

    /** Takes note of a response that goes out now. */
    void sent(Push push, String nonce, long now) {
        Unanswered sent = onTheirWay.add(push, nonce, now);
        for (Set<String> names : List.of(sent.versions().keySet(), sent.removed())) {
            subscriptions.answered(names);
            changed.addAll(names);
        }
        answerOwed = false;
    }

    /** Whether a request of this type has come. */
    boolean isRequested() {
        return subscriptions.hasBegun();
    }

    /** Whether resources of this type are sent one by one. */
    boolean isOneByOne() {
        return type == ResourceType.SECRET;
    }

    boolean isAnythingOnItsWay() {
        return !onTheirWay.isEmpty();
    }

    /**
     * How many bytes may be sent now; 0: nothing.
     *
     * @param mostInResponse of types of which one response is on its way at a time; of the others {@value #RESPONSES_AHEAD} times as many bytes are
     */
    long room(long mostInResponse) {
        if (!isRequested() || isAnythingOnItsWay() && !isOneByOne()) {
            return 0;
        }
        return isOneByOne() ? Math.max(0, RESPONSES_AHEAD * mostInResponse - onTheirWay.bytes()) : mostInResponse;
    }

    /** Whether a response is due even if it is empty: without one Envoy would not go on to the next type. */
    boolean isAnswerOwed() {
        return answerOwed;
    }

    boolean wants(String name) {
        return subscriptions.want(name);
    }

    /** Whether it asked for that name, and not just for everything. */
    boolean isSubscribed(String name) {
        return subscriptions.names().contains(name);
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
        return rejected.isRejected(resource);
    }

    /** Whether it has to be sent; false while the sidecar has not answered another version. */
    boolean needs(VersionedResource resource) {
        return wants(resource.name())
                && !isRejected(resource)
                && !onTheirWay.has(resource.name())
                && (!holds(resource) || subscriptions.isOwed(resource.name()));
    }

    /** Whether nothing more is to come of it: it is held, rejected, or not asked for. */
    boolean isSettled(VersionedResource resource) {
        return !needs(resource) && !onTheirWay.has(resource.name());
    }

    /** Whether it is settled or on its way in this version. */
    boolean isSent(VersionedResource resource) {
        return isSettled(resource) || onTheirWay.has(resource);
    }

    /** Whether the sidecar has to be told that there is nothing of that name. */
    boolean needsRemoval(String name) {
        return wants(name) && !onTheirWay.has(name) && (holds(name) || subscriptions.awaitsAnswer(name));
    }

    boolean isRemovalSettled(String name) {
        return !needsRemoval(name) && !onTheirWay.has(name);
    }

    /** Whether it has to be sent alone, because it was in a rejected response with others. */
    boolean isSuspect(VersionedResource resource) {
        return rejected.isSuspect(resource);
    }

    Set<String> subscribedNames() {
        return subscriptions.names();
    }

    Set<String> heldNames() {
        return held.keySet();
    }

    Map<String, Rejection> rejections() {
        return rejected.byName();
    }

    int names() {
        return subscriptions.names().size() + (subscriptions.toEverything() ? held.size() : 0);
    }

    /** When the oldest response that was not answered yet was sent; empty when there is none. */
    Optional<Long> unansweredSince() {
        return onTheirWay.since();
    }
}
