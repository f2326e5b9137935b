package dev.sallyport.e2e;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/** A clock that a test sets forward. */
final class MovableClock extends Clock {
    private final Clock real;
    private volatile Duration ahead = Duration.ZERO;

    MovableClock(Clock real) {
        this.real = real;
    }

    synchronized void forward(Duration time) {
        ahead = ahead.plus(time);
    }

    @Override
    public Instant instant() {
        return real.instant().plus(ahead);
    }

    @Override
    public ZoneId getZone() {
        return real.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return new MovableClock(real.withZone(zone));
    }
}
