package dev.sallyport.envoy;

import dev.sallyport.envoy.UpstreamTls.Trust;
import dev.sallyport.policy.Addresses;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CustomClusterType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.stream.Stream;

/** Clusters that dial the addresses of a {@link DnsCache}. All hosts share them, because each cluster parses its trusted authorities again: with the public roots that is 1.2 MB. */
final class ResolvedClusters {
    /** For all hosts without a cluster of their own. */
    static Stream<Cluster.Builder> shared(Addresses addresses) {
        return Stream.concat(
                of(ResourceNames.shared(addresses), addresses, Trust.PUBLIC),
                Stream.of(dialling(ResourceNames.sharedTunnel(addresses), addresses)));
    }

    /** For requests: {@code name}, and its form for WebSockets. */
    static Stream<Cluster.Builder> of(String name, Addresses addresses, Trust trust) {
        return Stream.of(
                of(name, addresses, trust, UpstreamHttp.best()),
                of(ResourceNames.http1(name), addresses, trust, UpstreamHttp.http1()));
    }

    private static Cluster.Builder of(
            String name, Addresses addresses, Trust trust, HttpProtocolOptions.Builder options) {
        return dialling(name, addresses)
                .setTransportSocket(UpstreamTls.ofRequests(trust))
                .putTypedExtensionProtocolOptions(UpstreamHttp.KEY, UpstreamHttp.checkedAgainstRequest(options));
    }

    private static Cluster.Builder dialling(String name, Addresses addresses) {
        return Cluster.newBuilder()
                .setName(name)
                .setConnectTimeout(Envoy.seconds(5))
                .setLbPolicy(LbPolicy.CLUSTER_PROVIDED)
                .setPerConnectionBufferLimitBytes(EntryListeners.BUFFER)
                .setClusterType(CustomClusterType.newBuilder()
                        .setName("envoy.clusters.dynamic_forward_proxy")
                        .setTypedConfig(
                                Envoy.any(ClusterConfig.newBuilder().setDnsCacheConfig(DnsCache.of(addresses)))));
    }

    private ResolvedClusters() {}
}
