package dev.sallyport.source.kubernetes;

import dev.sallyport.source.kubernetes.SourceHealth.Watched;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Whether what is known of the cluster is good enough to serve sidecars by. It is from when everything was read once, and stays so while the API server is away: sidecars that reconnect then are served what was read last. It is not while
 * policies or Pods may not be read: that is no outage, and what was read before may have been taken back. Thread-safe.
 */
public final class SourceReadiness {
    /** Without Secrets or ConfigMaps some hosts do not work, and status says so; without these nothing can be said of anybody. */
    private static final Set<String> ESSENTIAL = Set.of(PolicyReader.ALL.resource(), PodReader.ALL.resource());

    private static final int MOST_TOLD = 10;

    private final SourceHealth health;
    private final BooleanSupplier synced;

    /** {@code synced}: whether everything that is needed was read once. */
    public SourceReadiness(SourceHealth health, BooleanSupplier synced) {
        this.health = health;
        this.synced = synced;
    }

    /** Why nothing is served, one line for people; empty: nothing is in the way. */
    public Optional<String> notReady() {
        List<String> forbidden = health.forbidden().entrySet().stream()
                .filter(entry -> ESSENTIAL.contains(entry.getKey().resource()))
                .map(Map.Entry::getValue)
                .toList();
        if (!forbidden.isEmpty()) {
            return Optional.of(joined(forbidden));
        }
        if (synced.getAsBoolean()) {
            return Optional.empty();
        }
        List<String> unread = List.copyOf(health.unread().values());
        return Optional.of(unread.isEmpty() ? "what was read is not in force yet" : joined(unread));
    }

    /** What is stale, and since when, one line for people; empty: nothing is. What was read last is served all the same. */
    public Optional<String> stale() {
        Map<Watched, Duration> ages = health.ages();
        List<String> stale = health.stale().stream()
                .map(watched -> watched + " (nothing was heard for "
                        + ages.getOrDefault(watched, SourceHealth.STALE).toSeconds() + " s)")
                .toList();
        return stale.isEmpty() ? Optional.empty() : Optional.of("stale, and served as read last: " + joined(stale));
    }

    private static String joined(List<String> lines) {
        String text = lines.stream().limit(MOST_TOLD).collect(Collectors.joining("; "));
        return lines.size() > MOST_TOLD ? text + "; and " + (lines.size() - MOST_TOLD) + " more" : text;
    }
}
