package dev.sallyport.snapshot;

import java.time.Duration;

/**
 * Settings of the control loop.
 *
 * @param drainTime for how long sidecars keep the connections of a chain that was taken away; that of their arguments
 * @param longestWait after which the clock is looked at again although nothing is due: a machine that slept, or a clock that was set, is noticed by then
 */
public record ControlLoopConfig(Duration drainTime, Duration longestWait) {
    public static final ControlLoopConfig DEFAULT =
            new ControlLoopConfig(Duration.ofSeconds(15), Duration.ofSeconds(60));
}
