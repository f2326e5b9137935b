package dev.sallyport.pki;

import java.time.Duration;
import java.time.Instant;

/**
 * Calendar periods since 1970, and for how long the CA of a period is used around it.
 *
 * <p>The CA of an epoch is in bundles from the epoch before it until {@link #OVERLAP} after it, and valid as long: a leaf that was issued at the end of an epoch outlives it, and an app that starts in the next one must
 * still accept it.
 *
 * @param length at least {@link #OVERLAP}, whole seconds
 */
record Epochs(Duration length) {
    static final Duration DEFAULT_LENGTH = Duration.ofDays(180);

    /** Above 280 h: a leaf of 168 h may be issued until 112 h, the end of its slot, after the epoch that its slot began in. */
    static final Duration OVERLAP = Duration.ofDays(14);

    /** For apps with a slow clock. */
    private static final Duration EARLY = Duration.ofDays(1);

    Epochs {
        if (length.compareTo(OVERLAP) < 0) {
            throw new IllegalArgumentException("CA epoch: " + length + " (expected: at least " + OVERLAP + ")");
        }
    }

    long at(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), length.toSeconds());
    }

    Instant start(long epoch) {
        return Instant.ofEpochSecond(Math.multiplyExact(epoch, length.toSeconds()));
    }

    /** First of the epochs whose CAs are in a bundle at that time; the last is the one after {@link #at}. */
    long firstInBundle(Instant time) {
        return at(time.minus(OVERLAP));
    }

    /** When the epochs in a bundle change next. */
    Instant nextBundleChange(Instant time) {
        Instant dropped = start(firstInBundle(time) + 1).plus(OVERLAP);
        Instant added = start(at(time) + 1);
        return dropped.isBefore(added) ? dropped : added;
    }

    Instant notBefore(long epoch) {
        return start(epoch - 1).minus(EARLY);
    }

    Instant notAfter(long epoch) {
        return start(epoch + 1).plus(OVERLAP);
    }
}
