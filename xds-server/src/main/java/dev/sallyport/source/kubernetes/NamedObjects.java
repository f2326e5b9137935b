package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.source.SourceState;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The Secrets or ConfigMaps of one namespace, as far as its policies name them: nothing else is kept, and nothing is read before one is named. For the loop's thread. */
final class NamedObjects<V, O> implements ObjectListener<SortedMap<String, V>>, AutoCloseable {
    private final String namespace;
    private final ObjectKind<V, O> kind;
    private final Runnable changed;
    private final ObjectWatch<SortedMap<String, V>> watch;

    /** What the state says now, by name. */
    private final Map<String, O> told = new TreeMap<>();

    private Map<String, Set<String>> wanted = Map.of();
    private boolean started;

    /** {@code changed}: there is another state to be had by {@link #update}, or {@link #isSettled} may have changed. */
    NamedObjects(String namespace, ObjectKind<V, O> kind, ObjectWatch.Services services, Runnable changed) {
        this.namespace = namespace;
        this.kind = kind;
        this.changed = changed;
        this.watch = new ObjectWatch<>(ObjectQuery.core(kind.resource(), namespace), services, this::reduced, this);
    }

    /** Keeps these keys from now on, and asks for those that were not kept so far. */
    void want(Map<String, Set<String>> next) {
        if (next.equals(wanted)) {
            return;
        }
        Map<String, Set<String>> before = wanted;
        wanted = next;
        watch.held().narrow((name, keys) -> narrowed(name.name(), keys));
        before.keySet().stream().filter(name -> !next.containsKey(name)).forEach(watch.held()::endFetch);
        if (started) {
            next.forEach((name, keys) -> {
                if (!before.getOrDefault(name, Set.of()).containsAll(keys)) {
                    watch.fetch(name);
                }
            });
        } else {
            started = true;
            watch.start();
        }
        changed.run();
    }

    private Optional<SortedMap<String, V>> reduced(JsonNode object) {
        Set<String> keys = wanted.get(object.path("metadata").path("name").asText());
        if (keys == null) {
            return Optional.empty();
        }
        SortedMap<String, V> kept = new TreeMap<>();
        keys.forEach(key -> kind.key(object, key).ifPresent(value -> kept.put(key, value)));
        return Optional.of(kept);
    }

    private Optional<SortedMap<String, V>> narrowed(String name, SortedMap<String, V> keys) {
        if (!wanted.containsKey(name)) {
            return Optional.empty();
        }
        SortedMap<String, V> kept = new TreeMap<>(keys);
        kept.keySet().retainAll(wanted.get(name));
        return Optional.of(kept);
    }

    /** Whether all that can be known of what is wanted is known. */
    boolean isSettled() {
        return wanted.isEmpty()
                || isForbidden()
                || (watch.isSynced() && wanted.keySet().stream().noneMatch(watch::isFetching));
    }

    private boolean isForbidden() {
        return trouble().filter(Trouble::forbidden).isPresent();
    }

    Optional<Trouble> trouble() {
        return wanted.isEmpty() ? Optional.empty() : watch.trouble();
    }

    int kept() {
        return watch.held().size();
    }

    /** The state with what is known of the wanted objects. The same object when that says nothing new. */
    SourceState update(SourceState state) {
        SourceState next = state;
        Set<String> names = new TreeSet<>(told.keySet());
        names.addAll(wanted.keySet());
        for (String name : names) {
            next = update(next, name, wanted.containsKey(name) ? view(name) : Optional.empty());
        }
        return next;
    }

    private SourceState update(SourceState state, String name, Optional<O> object) {
        ObjectName id = new ObjectName(namespace, name);
        if (object.isEmpty()) {
            return told.remove(name) == null ? state : kind.without(state, id);
        }
        O before = told.put(name, object.get());
        return object.get().equals(before) ? state : kind.with(state, id, object.get());
    }

    /** Empty: it does not exist. */
    private Optional<O> view(String name) {
        Optional<Trouble> trouble = trouble();
        if (trouble.filter(Trouble::forbidden).isPresent()) {
            return Optional.of(kind.broken(trouble.get().line()));
        }
        if (!watch.isSynced()) {
            return Optional.of(kind.broken(trouble.map(Trouble::line).orElse("it was not read yet")));
        }
        Optional<O> held = watch.held().find(new ObjectName(namespace, name)).map(kind::of);
        return watch.isFetching(name) ? Optional.of(held.orElseGet(() -> kind.broken("it was not read yet"))) : held;
    }

    @Override
    public void added(ObjectName name, SortedMap<String, V> object) {
        changed.run();
    }

    @Override
    public void changed(ObjectName name, SortedMap<String, V> before, SortedMap<String, V> after) {
        changed.run();
    }

    @Override
    public void removed(ObjectName name, SortedMap<String, V> object) {
        changed.run();
    }

    @Override
    public void synced() {
        changed.run();
    }

    @Override
    public void trouble(Optional<Trouble> trouble) {
        changed.run();
    }

    @Override
    public void close() {
        wanted = Map.of();
        watch.close();
    }
}
