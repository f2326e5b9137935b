package dev.sallyport.source.kubernetes;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * How fresh is what the sources know: when each watch last had an event, a bookmark or a list that was accepted, or was ended by the server at the time agreed. What is forbidden has no age. Also counts what watches do, for metrics.
 * Thread-safe.
 */
public final class SourceHealth {
    /** A watch that hears nothing for longer is stale. */
    public static final Duration STALE = Duration.ofSeconds(30);

    private final Clock clock;
    private final SourceMetrics metrics;
    /** Each watch by itself: two may be about the same. */
    private final Map<Object, State> watches = new ConcurrentHashMap<>();

    /** {@code listed}: everything, at least once. */
    private record State(Watched of, Instant heard, boolean listed, Optional<Trouble> trouble) {
        boolean isForbidden() {
            return trouble.filter(Trouble::forbidden).isPresent();
        }
    }

    /** Counts nothing. */
    public SourceHealth(Clock clock) {
        this(clock, new CompositeMeterRegistry());
    }

    /** {@code meters}: where what watches do is counted, by resource and never by namespace. */
    public SourceHealth(Clock clock, MeterRegistry meters) {
        this.clock = clock;
        this.metrics = new SourceMetrics(meters, this);
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
        Watched of = new Watched(query.resource(), query.namespace());
        watches.put(watch, new State(of, clock.instant(), false, Optional.empty()));
        metrics.watching(of.resource());
    }

    void heard(Object watch) {
        change(watch, state -> new State(state.of(), clock.instant(), state.listed(), state.trouble()));
    }

    /** A list was accepted. */
    void listed(Object watch) {
        change(watch, state -> new State(state.of(), clock.instant(), true, state.trouble()));
        resource(watch).ifPresent(metrics::listed);
    }

    void failed(Object watch, ApiFailure failure) {
        resource(watch).ifPresent(resource -> metrics.failed(resource, failure));
    }

    void trouble(Object watch, Optional<Trouble> trouble) {
        change(watch, state -> new State(state.of(), state.heard(), state.listed(), trouble));
    }

    void ends(Object watch) {
        watches.remove(watch);
    }

    private void change(Object watch, UnaryOperator<State> change) {
        watches.computeIfPresent(watch, (same, state) -> change.apply(state));
    }

    private Optional<String> resource(Object watch) {
        return Optional.ofNullable(watches.get(watch)).map(state -> state.of().resource());
    }

    /** For how long each watch has heard nothing; of several about the same the one that has for longest. */
    public SortedMap<Watched, Duration> ages() {
        Instant now = clock.instant();
        SortedMap<Watched, Duration> ages = new TreeMap<>();
        watches.values().stream()
                .filter(state -> !state.isForbidden())
                .forEach(state -> ages.merge(state.of(), Duration.between(state.heard(), now), SourceHealth::longer));
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

    /** Why each watch that may not read what it is about may not; one line each, sorted. */
    SortedMap<Watched, String> forbidden() {
        return lines(states().filter(State::isForbidden));
    }

    /** What was never read, and why as far as that is known; what is forbidden is not waited for. Sorted. */
    SortedMap<Watched, String> unread() {
        return lines(states().filter(state -> !state.listed()).filter(state -> !state.isForbidden()));
    }

    /** How many watches there are of a resource. */
    long count(String resource) {
        return states().filter(state -> state.of().resource().equals(resource)).count();
    }

    private Stream<State> states() {
        return watches.values().stream();
    }

    private static SortedMap<Watched, String> lines(Stream<State> states) {
        SortedMap<Watched, String> lines = new TreeMap<>();
        states.forEach(state -> lines.put(
                state.of(), state.trouble().map(Trouble::line).orElseGet(() -> state.of() + ": not read yet")));
        return lines;
    }
}
