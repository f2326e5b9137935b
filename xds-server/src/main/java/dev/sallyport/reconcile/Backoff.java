package dev.sallyport.reconcile;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/** When what failed is tried again: after 1 s, 2 s, 4 s … 60 s, and at once when something else is wanted. Thread-safe. */
final class Backoff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final LongSupplier nanoTime;
    private final ConcurrentMap<ObjectKey, Failure> failures = new ConcurrentHashMap<>();

    private record Failure(String wish, String line, Duration pause, long at) {}

    Backoff(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The last failure, while it is too early for another try of the same wish. */
    Optional<Outcome> holding(ObjectKey key, String wish) {
        Failure last = failures.get(key);
        if (last == null || !last.wish().equals(wish)) {
            return Optional.empty();
        }
        Duration left = last.pause().minusNanos(nanoTime.getAsLong() - last.at());
        return left.isNegative() || left.isZero()
                ? Optional.empty()
                : Optional.of(new Outcome.Failed(last.line(), left));
    }

    Outcome failed(ObjectKey key, String wish, String line) {
        Failure before = failures.get(key);
        Duration pause = before == null || !before.wish().equals(wish)
                ? FIRST
                : min(before.pause().multipliedBy(2));
        failures.put(key, new Failure(wish, line, pause, nanoTime.getAsLong()));
        return new Outcome.Failed(line, pause);
    }

    void worked(ObjectKey key) {
        failures.remove(key);
    }

    private static Duration min(Duration pause) {
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }
}
