package dev.sallyport.xds;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** What a sidecar asked for of one type, and which of it was not answered yet. Not thread-safe. */
final class Subscriptions {
    private static final String WILDCARD = "*";

    private final Set<String> names = new HashSet<>();

    /** Names that were subscribed since they were last sent: to be sent whatever is held. */
    private final Set<String> owed = new HashSet<>();

    /** Subscribed names that were answered as not existing. */
    private final Set<String> absent = new HashSet<>();

    private boolean begun;
    private boolean everything;

    /**
     * Whether this is the first request.
     *
     * @param everythingByDefault whether the first one, as it names nothing, asks for everything
     */
    boolean begin(boolean everythingByDefault) {
        if (begun) {
            return false;
        }
        begun = true;
        everything |= everythingByDefault;
        return true;
    }

    static boolean isEverything(String name) {
        return name.equals(WILDCARD);
    }

    void everything(boolean wanted) {
        everything = wanted;
    }

    void add(String name) {
        forget(name);
        names.add(name);
        owed.add(name);
    }

    void remove(String name) {
        forget(name);
        names.remove(name);
    }

    private void forget(String name) {
        owed.remove(name);
        absent.remove(name);
    }

    /** They are held, as the sidecar says itself, or go out now. */
    void answered(Collection<String> answered) {
        answered.forEach(owed::remove);
    }

    void exists(String name) {
        absent.remove(name);
    }

    void doesNotExist(String name) {
        if (names.contains(name)) {
            absent.add(name);
        }
    }

    boolean hasBegun() {
        return begun;
    }

    boolean toEverything() {
        return everything;
    }

    boolean want(String name) {
        return everything || names.contains(name);
    }

    boolean isOwed(String name) {
        return owed.contains(name);
    }

    /** Whether it is subscribed by its name, and the sidecar was not told that it does not exist. */
    boolean awaitsAnswer(String name) {
        return names.contains(name) && !absent.contains(name);
    }

    Set<String> names() {
        return names;
    }
}
