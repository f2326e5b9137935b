package dev.sallyport.source.kubernetes;

import dev.sallyport.policy.ObjectName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The objects of one watch, each at the newest version known. Nothing older is ever taken in. For one thread. */
final class HeldObjects<T> {
    private final ObjectListener<T> listener;
    private final Map<ObjectName, Held<T>> objects = new HashMap<>();
    private final Map<String, Fetch> fetches = new TreeMap<>();
    /** Objects that were fetched by themselves, ahead of the watch: what it tells of them up to that version is known. */
    private final Map<ObjectName, ResourceVersion> ahead = new HashMap<>();

    private ResourceVersion seen = ResourceVersion.NONE;
    private ResourceVersion newest = ResourceVersion.NONE;

    private record Held<T>(String uid, ResourceVersion version, T value) {}

    /** An object that was asked for by name, when {@code after} was known. Compared by identity. */
    static final class Fetch {
        private final String name;
        private final ResourceVersion after;

        private Fetch(String name, ResourceVersion after) {
            this.name = name;
            this.after = after;
        }

        String name() {
            return name;
        }
    }

    HeldObjects(ObjectListener<T> listener) {
        this.listener = listener;
    }

    /** Up to where the objects are known without a gap. */
    ResourceVersion seen() {
        return seen;
    }

    Optional<T> find(ObjectName name) {
        return Optional.ofNullable(objects.get(name)).map(Held::value);
    }

    int size() {
        return objects.size();
    }

    /** Takes a list of all objects. */
    void replace(Listing<T> listing) throws BackInTime {
        if (listing.version().isBefore(newest)) {
            throw new BackInTime("the list", listing.version(), newest);
        }
        for (Arrived<T> object : listing.objects().values()) {
            Held<T> before = objects.get(object.name());
            if (before != null
                    && before.uid().equals(object.uid())
                    && object.version().isBefore(before.version())) {
                throw new BackInTime("the list's " + object.name(), object.version(), before.version());
            }
        }
        moveTo(listing.version());
        ahead.clear();
        for (ObjectName name : List.copyOf(objects.keySet())) {
            if (!listing.objects().containsKey(name)) {
                remove(name);
            }
        }
        listing.objects().values().forEach(this::apply);
    }

    void bookmark(ResourceVersion version) throws BackInTime {
        if (version.isBefore(seen)) {
            throw new BackInTime("a bookmark", version, seen);
        }
        moveTo(version);
    }

    /** Takes what a watch tells of one object. */
    void put(Arrived<T> object) throws BackInTime {
        if (object.version().isBefore(seen)) {
            throw new BackInTime("an event of " + object.name(), object.version(), seen);
        }
        if (object.version().equals(seen)) {
            return;
        }
        ResourceVersion known = ahead.get(object.name());
        moveTo(object.version());
        if (known != null && !known.isBefore(object.version())) {
            return;
        }
        // It is the whole object, newer than what any answer to come was asked for after.
        boolean answered = fetches.remove(object.name().name()) != null;
        apply(object);
        if (answered) {
            listener.synced();
        }
    }

    private void moveTo(ResourceVersion version) {
        seen = version;
        newest = newest.isBefore(version) ? version : newest;
        ahead.values().removeIf(known -> !version.isBefore(known));
    }

    private void apply(Arrived<T> object) {
        if (object.value().isEmpty()) {
            remove(object.name());
            return;
        }
        T value = object.value().get();
        Held<T> before = objects.get(object.name());
        if (before != null && !before.uid().equals(object.uid())) {
            remove(object.name());
            before = null;
        }
        objects.put(object.name(), new Held<>(object.uid(), object.version(), value));
        tell(object.name(), before, value);
    }

    private void tell(ObjectName name, @Nullable Held<T> before, T value) {
        if (before == null) {
            listener.added(name, value);
        } else if (!before.value().equals(value)) {
            listener.changed(name, before.value(), value);
        }
    }

    private void remove(ObjectName name) {
        Held<T> before = objects.remove(name);
        if (before != null) {
            listener.removed(name, before.value());
        }
    }

    /** Keeps less of each object, and nothing of those for which {@code less} is empty. Nobody is told. */
    void narrow(BiFunction<ObjectName, T, Optional<T>> less) {
        for (Map.Entry<ObjectName, Held<T>> entry : List.copyOf(objects.entrySet())) {
            Held<T> before = entry.getValue();
            less.apply(entry.getKey(), before.value())
                    .ifPresentOrElse(
                            value -> objects.put(entry.getKey(), new Held<>(before.uid(), before.version(), value)),
                            () -> objects.remove(entry.getKey()));
        }
    }

    Fetch beginFetch(String name) {
        Fetch fetch = new Fetch(name, newest);
        fetches.put(name, fetch);
        return fetch;
    }

    void endFetch(String name) {
        fetches.remove(name);
    }

    boolean isFetching(String name) {
        return fetches.containsKey(name);
    }

    /** False: something newer has answered it, or it was asked for anew. */
    boolean isCurrent(Fetch fetch) {
        return fetches.get(fetch.name()) == fetch;
    }

    /** After a list, which may have been of before or after an answer to come: that would be compared to the wrong one. */
    void fetchAgain(Consumer<String> again) {
        List.copyOf(fetches.keySet()).forEach(again);
    }

    /** Takes the answer to a fetch: a list of one object or none. */
    void fetched(Fetch fetch, String namespace, Listing<T> only) throws BackInTime {
        if (only.version().isBefore(fetch.after)) {
            throw new BackInTime("the answer", only.version(), fetch.after);
        }
        ObjectName name = new ObjectName(namespace, fetch.name());
        fetches.remove(fetch.name());
        if (seen.isBefore(only.version())) {
            ahead.put(name, only.version());
            newest = newest.isBefore(only.version()) ? only.version() : newest;
        }
        Arrived<T> object = only.objects().get(name);
        if (object == null) {
            remove(name);
        } else {
            apply(object);
        }
    }
}
