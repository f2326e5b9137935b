package dev.sallyport.xds;

import java.time.Duration;

/**
 * What responses that are larger than {@link StreamLimits#maxResponseBytes} may take of the process's memory.
 *
 * @param mostBytes of such responses that are being written, of all streams together. Default 64 MiB
 * @param deadline a sidecar that takes longer to read one is let go if others wait for its room. Default 5 s
 */
public record LargeResponseLimits(long mostBytes, Duration deadline) {
    public static final LargeResponseLimits DEFAULT = new LargeResponseLimits(64 << 20, Duration.ofSeconds(5));
}
