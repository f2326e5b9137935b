package dev.sallyport.xds;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Wakes a stream when something is due, and knows what ends it. Used by the stream's own executor only. */
final class StreamClock {
    /** Streams end up to this long before their token does, so that those that began together do not end together. */
    private static final Duration MOST_JITTER = Duration.ofMinutes(1);

    private static final Duration LONGEST = Duration.ofDays(365);
    private static final int JITTER_SHARE = 10;

    private final StreamServices services;
    private final Runnable wake;
    private final long openedAt;
    private final long expiresAt;
    private @Nullable Future<?> armed;
    private long armedFor;

    StreamClock(StreamServices services, long now, Duration life, Runnable wake) {
        this.services = services;
        this.wake = wake;
        this.openedAt = now;
        this.expiresAt = now + life.toNanos();
    }

    /** How long a stream with a token that expires then may live: a little less, by chance, but at most a tenth less. */
    static Duration beforeExpiry(Instant now, Instant expires) {
        if (!expires.isAfter(now)) {
            return Duration.ZERO;
        }
        Instant end = expires.isBefore(now.plus(LONGEST)) ? expires : now.plus(LONGEST);
        Duration left = Duration.between(now, end);
        Duration most = left.dividedBy(JITTER_SHARE);
        Duration jitter = most.compareTo(MOST_JITTER) < 0 ? most : MOST_JITTER;
        return left.minusNanos((long) (ThreadLocalRandom.current().nextDouble() * jitter.toNanos()));
    }

    /** Why the stream has to end now, if it has to. */
    Optional<StreamEnd> end(@Nullable StreamState state, long now) {
        long timeout = services.limits().ackTimeout().toNanos();
        if (now - expiresAt >= 0) {
            return Optional.of(StreamEnd.TOKEN_EXPIRED);
        }
        if (state == null) {
            return now - openedAt >= timeout ? Optional.of(StreamEnd.NO_REQUEST) : Optional.empty();
        }
        return state.unansweredSince().filter(since -> now - since >= timeout).map(since -> StreamEnd.NOT_ACKNOWLEDGED);
    }

    /**
     * Sees to it that the stream is woken when something is due.
     *
     * @param now when the state was looked at last, so that nothing falls due unseen
     * @param throttledNanos how long until the next request may be read; {@link Long#MAX_VALUE}: it is being read
     */
    void arm(@Nullable StreamState state, long now, long throttledNanos) {
        long delay = Math.min(throttledNanos, expiresAt - now);
        long timeout = services.limits().ackTimeout().toNanos();
        if (state == null) {
            delay = Math.min(delay, openedAt + timeout - now);
        } else {
            delay = Math.min(delay, state.nanosToNext(now));
            delay = Math.min(
                    delay,
                    state.unansweredSince().map(since -> since + timeout - now).orElse(Long.MAX_VALUE));
        }
        schedule(now, Math.max(delay, 0));
    }

    /** A timer that fires too early is cheaper than one that is moved with every response. */
    private void schedule(long now, long delay) {
        // One that fired already may not be done yet for the timer's thread, while it is what brought us here.
        boolean pending = armed != null && !armed.isDone() && armedFor - now > 0;
        if (pending && armedFor - (now + delay) <= 0) {
            return;
        }
        stop();
        armedFor = now + delay;
        try {
            armed = services.timer().schedule(wake, delay, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            armed = null;
        }
    }

    void stop() {
        if (armed != null) {
            armed.cancel(false);
            armed = null;
        }
    }
}
