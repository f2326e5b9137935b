package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.ObjectName;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Objects of one kind, as the API server last told. What was last told stays when the API server is away. Reading is thread-safe and asks nobody.
 */
public final class KubernetesObjects implements AutoCloseable {
    private final EventLoop loop;
    private final ObjectWatch<JsonNode> watch;
    private final Map<ObjectName, JsonNode> objects = new ConcurrentHashMap<>();
    private final List<Consumer<ObjectName>> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> syncListeners = new CopyOnWriteArrayList<>();
    private volatile ResourceVersion seen = ResourceVersion.NONE;
    private volatile boolean synced;
    private volatile Optional<String> problem = Optional.empty();

    /**
     * Reads nothing yet. The caller closes {@code server} and {@code thread}, after this.
     *
     * @param reduce keeps of an object what is of interest: all of it stays in memory. May change the object that it is given, and is called by one thread at a time
     */
    public KubernetesObjects(
            ObjectQuery query,
            ApiServer server,
            SourceThread thread,
            SourceHealth health,
            UnaryOperator<JsonNode> reduce) {
        this(query, new ObjectWatch.Services(server, thread, WatchSettings.DEFAULT, health), reduce);
    }

    KubernetesObjects(ObjectQuery query, ObjectWatch.Services services, UnaryOperator<JsonNode> reduce) {
        this.loop = services.loop();
        this.watch = new ObjectWatch<>(query, services, object -> Optional.of(reduce.apply(object)), new Watched());
    }

    /** Begins to listen. May be called once. */
    public void start() {
        loop.call(watch::start);
    }

    /** Whether all of them were listed once; before that none is known, and nothing follows from that. */
    public boolean synced() {
        return synced;
    }

    /** Why they are not known as they are now, one line; empty: they are. */
    public Optional<String> problem() {
        return problem;
    }

    /**
     * What was kept of the object of that name; not to be changed.
     *
     * @param namespace empty for a kind whose objects have none
     */
    public Optional<JsonNode> find(String namespace, String name) {
        return Optional.ofNullable(objects.get(new ObjectName(namespace, name)));
    }

    /** What was kept of all of them, by namespace and name; not to be changed. */
    public List<JsonNode> all() {
        return objects.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(
                        Comparator.comparing(ObjectName::namespace).thenComparing(ObjectName::name)))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** How many there are. */
    public int size() {
        return objects.size();
    }

    /** Whether everything up to that {@code metadata.resourceVersion} of any object of this kind has been told. True for what is no version: nothing can be waited for. */
    public boolean isUpTo(String resourceVersion) {
        return ResourceVersion.parse(resourceVersion)
                .map(version -> !seen.isBefore(version))
                .orElse(true);
    }

    /** Calls {@code listener} with the name of each object that came, changed or went from now on, from one thread at a time; it must return at once. Call before {@link #start} to miss none. */
    public void onChange(Consumer<ObjectName> listener) {
        listeners.add(listener);
    }

    /** Calls {@code listener} each time that all were listed, after {@link #onChange}; it must return at once. */
    public void onSynced(Runnable listener) {
        syncListeners.add(listener);
    }

    private final class Watched implements ObjectListener<JsonNode> {
        @Override
        public void added(ObjectName name, JsonNode object) {
            objects.put(name, object);
            listeners.forEach(listener -> listener.accept(name));
        }

        @Override
        public void changed(ObjectName name, JsonNode before, JsonNode after) {
            added(name, after);
        }

        @Override
        public void removed(ObjectName name, JsonNode object) {
            objects.remove(name);
            listeners.forEach(listener -> listener.accept(name));
        }

        @Override
        public void told(ResourceVersion version) {
            seen = version;
        }

        @Override
        public void synced() {
            synced = true;
            syncListeners.forEach(Runnable::run);
        }

        @Override
        public void trouble(Optional<Trouble> trouble) {
            problem = trouble.map(Trouble::line);
        }
    }

    /** After it no listener is called any more; what was last told stays. */
    @Override
    public void close() {
        loop.call(watch::close);
    }
}
