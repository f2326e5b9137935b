package dev.sallyport.xds;

import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.snapshot.WorkloadSnapshot;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which secrets of one snapshot a sidecar still has to be given. There are thousands where there is a thousand hosts, and each is acknowledged by itself: a name is looked at again only when something happened to it, so that an
 * acknowledgement costs what it acknowledges and not what the snapshot holds. Not thread-safe.
 */
final class SecretDelivery {
    private final WorkloadSnapshot target;
    private final TypeState secrets;

    /** To be sent, now or when the routes allow it. */
    private final SortedSet<String> due = new TreeSet<>();

    /** To be answered as missing. */
    private final SortedSet<String> missing = new TreeSet<>();

    /** Subscribed, and not all has come of it that will. */
    private final SortedSet<String> unsettled = new TreeSet<>();

    /** Referred to by the snapshot, and not subscribed or not settled. */
    private final SortedSet<String> awaited = new TreeSet<>();

    /** Looks at every name once. */
    SecretDelivery(WorkloadSnapshot target, TypeState secrets) {
        this.target = target;
        this.secrets = secrets;
        target.secretNames().forEach(this::look);
        secrets.subscribedNames().forEach(this::look);
    }

    /** Looks again at names to which something happened. */
    void changed(Set<String> names) {
        names.forEach(this::look);
    }

    private void look(String name) {
        Optional<VersionedResource> secret = target.secret(name);
        boolean subscribed = secrets.isSubscribed(name);
        boolean settled = isSettled(name, secret);
        put(due, name, subscribed && secret.filter(secrets::needs).isPresent());
        put(missing, name, subscribed && secret.isEmpty() && isAbsenceToBeTold(name) && secrets.needsRemoval(name));
        put(unsettled, name, subscribed && !settled);
        put(awaited, name, target.secretNames().contains(name) && !(subscribed && settled));
    }

    private static void put(Set<String> names, String name, boolean in) {
        if (in) {
            names.add(name);
        } else {
            names.remove(name);
        }
    }

    private boolean isSettled(String name, Optional<VersionedResource> secret) {
        return secret.map(secrets::isSettled)
                .orElseGet(() -> !isAbsenceToBeTold(name) || secrets.isRemovalSettled(name));
    }

    /** A secret that is held and that nothing leads to any more is the sidecar's to give back, when its chain has drained. */
    private boolean isAbsenceToBeTold(String name) {
        return target.secretNames().contains(name) || !secrets.holds(name);
    }

    /**
     * Adds what is due, as long as there is room.
     *
     * @param routesSettled whether the routes that turn hosts off are there, so that tombstones may follow
     */
    void addTo(Candidates candidates, boolean routesSettled) {
        missing.forEach(candidates::removeIfNeeded);
        for (String name : due) {
            if (candidates.isFull()) {
                return;
            }
            if (routesSettled || !isTombstoneOfHeld(name)) {
                target.secret(name).ifPresent(candidates::addIfNeeded);
            }
        }
    }

    private boolean isTombstoneOfHeld(String name) {
        return secrets.holds(name) && target.isTombstone(name);
    }

    /** Whether nothing more is to come of any subscribed name. */
    boolean isSettled() {
        return unsettled.isEmpty();
    }

    /** Whether everything that the snapshot refers to was asked for, too. */
    boolean isComplete() {
        return awaited.isEmpty();
    }
}
