package dev.sallyport.xds;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How the server listens and what it allows.
 *
 * @param listen where sidecars connect; port 0: any that is free
 * @param shutdownGrace how long {@link XdsServer#close} waits for streams to end. Default 5 s
 */
public record XdsServerConfig(
        InetSocketAddress listen,
        ConnectionLimits connections,
        StreamLimits streams,
        LargeResponseLimits largeResponses,
        Duration shutdownGrace) {
    /** The default limits. */
    public static XdsServerConfig listeningOn(InetSocketAddress listen) {
        return new XdsServerConfig(
                listen,
                ConnectionLimits.DEFAULT,
                StreamLimits.DEFAULT,
                LargeResponseLimits.DEFAULT,
                Duration.ofSeconds(5));
    }

    /** The same with another {@link ConnectionLimits#maxStreamsPerSidecar}, for tokens that several sidecars share. */
    public XdsServerConfig withStreamsPerSidecar(int most) {
        ConnectionLimits limits = new ConnectionLimits(
                connections.handshakesPerSecond(),
                connections.handshakeBurst(),
                connections.maxWithoutToken(),
                connections.tokenTimeout(),
                most,
                connections.fullestHeap());
        return new XdsServerConfig(listen, limits, streams, largeResponses, shutdownGrace);
    }
}
