package dev.sallyport.envoy;

import dev.sallyport.envoy.UpstreamTls.Trust;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import java.util.stream.Stream;

/** Clusters that lead back into the sidecar, and the one that leads nowhere. */
final class InternalClusters {
    /** No endpoint: a connection that is sent here ends. */
    static Cluster.Builder closed() {
        return Cluster.newBuilder()
                .setName(ResourceNames.CLOSED)
                .setType(DiscoveryType.STATIC)
                .setConnectTimeout(Envoy.seconds(1));
    }

    /** To the internal listener of {@code port}: as bytes, and as a TLS client that believes the workload's own CA alone. */
    static Stream<Cluster.Builder> of(int port, String workloadCas) {
        return Stream.of(
                leading(ResourceNames.tls(port), port)
                        .setTransportSocket(internal(
                                Envoy.transportSocket("envoy.transport_sockets.raw_buffer", RawBuffer.newBuilder()))),
                leading(ResourceNames.upgrade(port), port)
                        .setTransportSocket(internal(UpstreamTls.ofRequests(Trust.in(workloadCas))))
                        .putTypedExtensionProtocolOptions(
                                UpstreamHttp.KEY, UpstreamHttp.checkedAgainstRequest(UpstreamHttp.http1())));
    }

    private static Cluster.Builder leading(String name, int port) {
        return Cluster.newBuilder()
                .setName(name)
                .setType(DiscoveryType.STATIC)
                .setConnectTimeout(Envoy.seconds(5))
                .setLoadAssignment(Endpoints.of(name, Stream.of(Envoy.internalAddress(ResourceNames.tls(port), name))));
    }

    /** Takes the filter state that is shared with the upstream along to the internal listener. */
    private static TransportSocket.Builder internal(TransportSocket.Builder socket) {
        return Envoy.transportSocket(
                "envoy.transport_sockets.internal_upstream",
                InternalUpstreamTransport.newBuilder().setTransportSocket(socket));
    }

    private InternalClusters() {}
}
