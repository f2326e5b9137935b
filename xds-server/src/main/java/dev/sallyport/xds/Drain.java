package dev.sallyport.xds;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * When clusters and secrets that are not needed any more may be taken away: the drain time after nothing that the sidecar holds leads to them. Requests to a missing cluster would be answered with 503 at once, also those that
 * started before; secrets Envoy gives back by itself, and one that comes back with a name that is gone is told so.
 */
final class Drain {
    private final long drainNanos;

    /** Held and not wanted, and the sidecar may still hold what leads to them. */
    private final Set<String> unwanted = new HashSet<>();

    private final Map<String, Long> unusedSince = new HashMap<>();

    Drain(long drainNanos) {
        this.drainNanos = drainNanos;
    }

    /** Looks again at names to which something happened. */
    void changed(Collection<String> names, Set<String> held, Set<String> wanted) {
        for (String name : names) {
            if (!held.contains(name) || wanted.contains(name)) {
                unwanted.remove(name);
                unusedSince.remove(name);
            } else if (!unusedSince.containsKey(name)) {
                unwanted.add(name);
            }
        }
    }

    /** The sidecar holds everything of the snapshot that does not want them. */
    void complete(long now) {
        unwanted.forEach(name -> unusedSince.put(name, now));
        unwanted.clear();
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
