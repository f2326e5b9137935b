package dev.sallyport.xds;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * When clusters and secrets that are not needed any more may be taken away: the drain time after nothing that the sidecar holds leads to them. Requests to a missing cluster would be answered with 503 at once, also those that
 * started before; secrets Envoy gives back by itself, and one that comes back with a name that is gone is told so.
 */
final class Drain {
    private final long drainNanos;
    private final Map<String, Long> unusedSince = new HashMap<>();

    Drain(long drainNanos) {
        this.drainNanos = drainNanos;
    }

    /**
     * Looks at what is held and not wanted.
     *
     * @param complete whether the sidecar holds everything of the snapshot that {@code wanted} is of
     */
    void update(Set<String> held, Set<String> wanted, boolean complete, long now) {
        unusedSince.keySet().removeIf(name -> wanted.contains(name) || !held.contains(name));
        if (complete) {
            for (String name : held) {
                if (!wanted.contains(name)) {
                    unusedSince.putIfAbsent(name, now);
                }
            }
        }
    }

    List<String> due(long now) {
        List<String> due = new ArrayList<>();
        unusedSince.forEach((name, since) -> {
            if (now - since >= drainNanos) {
                due.add(name);
            }
        });
        return due;
    }

    /** How long until more is due; {@link Long#MAX_VALUE} when nothing will be. */
    long nanosToNext(long now) {
        long next = Long.MAX_VALUE;
        for (long since : unusedSince.values()) {
            long left = since + drainNanos - now;
            next = left > 0 ? Math.min(next, left) : next;
        }
        return next;
    }
}
