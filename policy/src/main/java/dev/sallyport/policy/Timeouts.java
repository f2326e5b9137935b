package dev.sallyport.policy;

import java.time.Duration;

/** Time-outs of one host; zero means none. */
public record Timeouts(Duration request, Duration idle) {
    public static final Timeouts DEFAULT = new Timeouts(Duration.ZERO, Duration.ofHours(1));
}
