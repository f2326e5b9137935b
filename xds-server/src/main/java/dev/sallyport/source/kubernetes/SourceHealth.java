package dev.sallyport.source.kubernetes;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** How fresh is what the sources know: when each watch last had an event, a bookmark or a list that was accepted, or was ended by the server at the time agreed. What is forbidden does not count. Thread-safe. */
public final class SourceHealth {
    /** A watch that hears nothing for longer is stale. */
    public static final Duration STALE = Duration.ofSeconds(30);

    private final Clock clock;
    /** Each watch by itself: two may be about the same. */
    private final Map<Object, Heard> newest = new ConcurrentHashMap<>();

    private record Heard(Watched of, Instant at) {}

    public SourceHealth(Clock clock) {
        this.clock = clock;
    }

    /**
     * What one watch is about.
     *
     * @param resource the plural, {@code secrets}
     * @param namespace empty: all
     */
    public record Watched(String resource, String namespace) implements Comparable<Watched> {
        @Override
        public int compareTo(Watched other) {
            int byResource = resource.compareTo(other.resource);
            return byResource != 0 ? byResource : namespace.compareTo(other.namespace);
        }

        @Override
        public String toString() {
            return resource + (namespace.isEmpty() ? "" : " in namespace " + namespace);
        }
    }

    /** From its start on a watch counts; it has as long as any other to hear something. */
    void begins(Object watch, ObjectQuery query) {
        heard(watch, query);
    }

    void heard(Object watch, ObjectQuery query) {
        newest.put(watch, new Heard(new Watched(query.resource(), query.namespace()), clock.instant()));
    }

    void ends(Object watch) {
        newest.remove(watch);
    }

    /** For how long each watch has heard nothing; of several about the same the one that has for longest. */
    public SortedMap<Watched, Duration> ages() {
        Instant now = clock.instant();
        SortedMap<Watched, Duration> ages = new TreeMap<>();
        newest.values()
                .forEach(heard -> ages.merge(heard.of(), Duration.between(heard.at(), now), SourceHealth::longer));
        return ages;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Those that have heard nothing for {@link #STALE}. */
    public List<Watched> stale() {
        return ages().entrySet().stream()
                .filter(entry -> entry.getValue().compareTo(STALE) > 0)
                .map(Map.Entry::getKey)
                .toList();
    }
}
