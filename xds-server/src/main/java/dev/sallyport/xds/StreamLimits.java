package dev.sallyport.xds;

import java.time.Duration;

/**
 * What one stream may cost, and how long the server waits for its sidecar.
 *
 * @param maxRequestBytes of one request; Envoy's node alone is 60 KB. Default 1 MiB
 * @param maxNames of resources that a stream makes the server remember. Default 16,384: 1,000 hosts with 8 credentials each, and room
 * @param requestsPerSecond how fast requests are read once the burst is used up; what comes faster waits in the sidecar. Default 200
 * @param requestBurst Envoy takes back each name in a request of its own, three for a host: default 4,096
 * @param maxResponseBytes how much goes into one response, unless one resource alone is larger ({@link LargeResponseLimits}); and how much may wait to be written when the next one is handed over, so that twice this is held for a
 *     sidecar that does not read. Default 32 KiB
 * @param ackTimeout a sidecar that does not answer a response for so long is let go. Default 60 s
 * @param gateTimeout how long the final proxy routes wait for the secrets of new chains. Default 5 s
 * @param drainTime the drain time of sidecars and a bit: clusters are removed so long after the last route to them. Default 17 s
 */
public record StreamLimits(
        int maxRequestBytes,
        int maxNames,
        int requestsPerSecond,
        int requestBurst,
        int maxResponseBytes,
        Duration ackTimeout,
        Duration gateTimeout,
        Duration drainTime) {
    public static final StreamLimits DEFAULT = new StreamLimits(
            1 << 20,
            16_384,
            200,
            4_096,
            32 << 10,
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofSeconds(17));
}
