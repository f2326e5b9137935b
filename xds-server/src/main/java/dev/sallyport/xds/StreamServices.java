package dev.sallyport.xds;

import dev.sallyport.snapshot.Snapshots;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/**
 * What all streams share.
 *
 * @param largeResponses the room that they share
 * @param pool where streams do their work
 * @param timer where they wait; nothing else runs there
 * @param nanos for durations; {@code clock} may jump
 */
record StreamServices(
        Snapshots snapshots,
        StreamLimits limits,
        LargeResponses largeResponses,
        Executor pool,
        ScheduledExecutorService timer,
        SidecarRegistry sidecars,
        XdsMetrics metrics,
        Clock clock,
        LongSupplier nanos) {}
