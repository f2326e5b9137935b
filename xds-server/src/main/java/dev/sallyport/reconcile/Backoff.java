package dev.sallyport.reconcile;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** When what did not work is tried again: after 1 s, 2 s, 4 s … 60 s, and at once when something else is wanted. Thread-safe. */
final class Backoff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final LongSupplier nanoTime;
    private final ConcurrentMap<ObjectKey, Attempt> attempts = new ConcurrentHashMap<>();

    /** One that did not work; {@code outcome} is told how long to wait still. */
    private record Attempt(String wish, Function<Duration, Outcome> outcome, Duration pause, long at) {}

    Backoff(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** What came of the last try, while it is too early for another of the same wish. */
    Optional<Outcome> holding(ObjectKey key, String wish) {
        Attempt last = attempts.get(key);
        if (last == null || !last.wish().equals(wish)) {
            return Optional.empty();
        }
        Duration left = last.pause().minusNanos(nanoTime.getAsLong() - last.at());
        return left.isNegative() || left.isZero()
                ? Optional.empty()
                : Optional.of(last.outcome().apply(left));
    }

    Outcome failed(ObjectKey key, String wish, String line) {
        return longer(key, wish, left -> new Outcome.Failed(line, left));
    }

    Outcome foreign(ObjectKey key, String wish, String line) {
        return longer(key, wish, left -> new Outcome.Foreign(line, left));
    }

    /** It cannot work for a while, and nobody needs to know. */
    Outcome hopeless(ObjectKey key, String wish) {
        return after(key, wish, Outcome.Later::new, LONGEST);
    }

    private Outcome longer(ObjectKey key, String wish, Function<Duration, Outcome> outcome) {
        Attempt before = attempts.get(key);
        Duration pause = before == null || !before.wish().equals(wish)
                ? FIRST
                : min(before.pause().multipliedBy(2));
        return after(key, wish, outcome, pause);
    }

    private Outcome after(ObjectKey key, String wish, Function<Duration, Outcome> outcome, Duration pause) {
        attempts.put(key, new Attempt(wish, outcome, pause, nanoTime.getAsLong()));
        return outcome.apply(pause);
    }

    void worked(ObjectKey key) {
        attempts.remove(key);
    }

    private static Duration min(Duration pause) {
        return pause.compareTo(LONGEST) < 0 ? pause : LONGEST;
    }
}
