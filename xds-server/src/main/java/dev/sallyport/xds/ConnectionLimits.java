package dev.sallyport.xds;

import java.time.Duration;

/**
 * What connections may cost before and after they show a token.
 *
 * @param handshakesPerSecond new connections from one source address (one /64 for IPv6) once the burst is used up. Default 20
 * @param handshakeBurst default 200
 * @param maxWithoutToken connections in all that have not shown a valid token yet. Default 4,096, so that a fleet can reconnect at once
 * @param tokenTimeout a connection that has not shown one by then is closed. Default 5 s
 * @param maxStreamsPerSidecar streams of one identity at a time. Default 4: what a sidecar that reconnects leaves behind is noticed only after a while
 * @param fullestHeap new streams are refused while this share of the heap, 0 to 1, is in use after a collection; those there are go on. Default 0.85
 */
public record ConnectionLimits(
        int handshakesPerSecond,
        int handshakeBurst,
        int maxWithoutToken,
        Duration tokenTimeout,
        int maxStreamsPerSidecar,
        double fullestHeap) {
    public static final ConnectionLimits DEFAULT = new ConnectionLimits(20, 200, 4_096, Duration.ofSeconds(5), 4, 0.85);
}
