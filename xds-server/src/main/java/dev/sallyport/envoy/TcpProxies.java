package dev.sallyport.envoy;

import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.util.List;

/** The filter that forwards bytes unread. */
final class TcpProxies {
    /** To {@code cluster}, until nothing has moved for {@code idle}; zero: without end. */
    static Filter.Builder to(String cluster, String statPrefix, Duration idle, List<AccessLog> logs) {
        return Envoy.networkFilter(
                "envoy.filters.network.tcp_proxy",
                TcpProxy.newBuilder()
                        .setStatPrefix(statPrefix)
                        .setCluster(cluster)
                        .setIdleTimeout(idle)
                        .addAllAccessLog(logs));
    }

    /** Closes the connection: the cluster has no endpoint. */
    static Filter.Builder close(List<AccessLog> logs) {
        return to(ResourceNames.CLOSED, "closed", Envoy.seconds(3600), logs);
    }

    private TcpProxies() {}
}
