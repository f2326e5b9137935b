package dev.sallyport.source.kubernetes;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait before the next attempt: twice as long each time, up to a cap, less up to half by chance, so that many do not come back together.
 *
 * @param random from 0 to 1
 */
record Backoff(Duration first, Duration cap, DoubleSupplier random) {
    private static final int MOST_DOUBLINGS = 20;

    /**
     * @param failures in a row, from 1
     * @param asked what the server asks for; followed up to the cap
     */
    Duration delay(int failures, Duration asked) {
        long doubled = first.toMillis() << Math.min(failures - 1, MOST_DOUBLINGS);
        long longest = Math.min(doubled, cap.toMillis());
        long millis = longest / 2 + (long) (longest / 2.0 * random.getAsDouble());
        return Duration.ofMillis(Math.max(millis, Math.min(asked.toMillis(), cap.toMillis())));
    }
}
