package dev.sallyport.envoy;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.stream.Stream;

/** The fixed endpoints of a cluster. */
final class Endpoints {
    static ClusterLoadAssignment.Builder of(String cluster, Stream<Address.Builder> addresses) {
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(cluster)
                .addEndpoints(LocalityLbEndpoints.newBuilder()
                        .addAllLbEndpoints(addresses
                                .map(address -> LbEndpoint.newBuilder()
                                        .setEndpoint(Endpoint.newBuilder().setAddress(address))
                                        .build())
                                .toList()));
    }

    private Endpoints() {}
}
