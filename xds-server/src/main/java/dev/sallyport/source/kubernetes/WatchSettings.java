package dev.sallyport.source.kubernetes;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The times of a watch.
 *
 * @param watch what the server is asked to end each watch after; it sends a bookmark shortly before
 * @param grace how much longer is waited before it counts as frozen
 * @param list how long an answer to one page may take
 * @param patience how long failures in a row are nobody's concern, and rights that were there may be missing: an API server that has just started knows of none for a moment
 * @param backoff between failures
 * @param forbidden between attempts at what is not permitted
 */
record WatchSettings(
        Duration watch, Duration grace, Duration list, Duration patience, Backoff backoff, Backoff forbidden) {
    static final WatchSettings DEFAULT = new WatchSettings(
            Duration.ofSeconds(25),
            Duration.ofSeconds(3),
            Duration.ofSeconds(15),
            SourceHealth.STALE,
            new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10), WatchSettings::random),
            new Backoff(Duration.ofSeconds(2), Duration.ofMinutes(1), WatchSettings::random));

    private static double random() {
        return ThreadLocalRandom.current().nextDouble();
    }
}
