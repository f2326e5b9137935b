package dev.sallyport.envoy;

import dev.sallyport.envoy.UpstreamTls.Trust;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PinnedAddress;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.stream.Stream;

/** The clusters of a host that has addresses or a CA of its own. */
final class HostClusters {
    static Stream<Cluster.Builder> of(HostEntry entry, Trust trust) {
        return Destinations.ports(entry).stream().flatMap(port -> of(entry, trust, port));
    }

    private static Stream<Cluster.Builder> of(HostEntry entry, Trust trust, int port) {
        String requests = Destinations.requests(entry, port);
        if (!Destinations.isPinned(entry)) {
            return ResolvedClusters.of(requests, entry.addresses(), trust);
        }
        Stream<Cluster.Builder> http = Stream.of(
                verified(requests, entry, trust, port, UpstreamHttp.best()),
                verified(ResourceNames.http1(requests), entry, trust, port, UpstreamHttp.http1()));
        return Destinations.isPassthrough(entry)
                ? Stream.concat(http, Stream.of(pinned(Destinations.tunnels(entry, port), entry, port)))
                : http;
    }

    private static Cluster.Builder verified(
            String name, HostEntry entry, Trust trust, int port, HttpProtocolOptions.Builder options) {
        Cluster.Builder cluster = pinned(name, entry, port);
        // A wildcard stands for many names, and the request says which.
        return entry.host().isExact()
                ? cluster.setTransportSocket(UpstreamTls.of(entry.host().text(), trust))
                        .putTypedExtensionProtocolOptions(UpstreamHttp.KEY, Envoy.any(options))
                : cluster.setTransportSocket(UpstreamTls.ofRequests(trust))
                        .putTypedExtensionProtocolOptions(
                                UpstreamHttp.KEY, UpstreamHttp.checkedAgainstRequest(options));
    }

    private static Cluster.Builder pinned(String name, HostEntry entry, int port) {
        return Cluster.newBuilder()
                .setName(name)
                .setType(DiscoveryType.STATIC)
                .setConnectTimeout(Envoy.seconds(5))
                .setPerConnectionBufferLimitBytes(EntryListeners.BUFFER)
                .setLoadAssignment(
                        Endpoints.of(name, entry.resolveTo().stream().map(address -> address(address, port))));
    }

    private static Address.Builder address(PinnedAddress address, int port) {
        return Envoy.address(address.ip(), address.port().orElse(port));
    }

    private HostClusters() {}
}
