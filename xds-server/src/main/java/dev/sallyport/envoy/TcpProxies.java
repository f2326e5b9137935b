package dev.sallyport.envoy;

import com.google.protobuf.Duration;
import dev.sallyport.proto.NewerFields;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.util.List;

/** The filter that forwards bytes unread. */
final class TcpProxies {
    /** To {@code cluster}, until nothing has moved for {@code idle}; zero: without end. */
    static Filter.Builder to(String cluster, String statPrefix, Duration idle, List<AccessLog> logs) {
        return filter(config(cluster, statPrefix, idle, logs));
    }

    /** As {@link #to}, but nothing is dialled before the filters ahead of it have let bytes through. */
    static Filter.Builder onceUsed(String cluster, String statPrefix, Duration idle, List<AccessLog> logs) {
        return filter(NewerFields.connectOnData(config(cluster, statPrefix, idle, logs), EntryListeners.BUFFER));
    }

    /** Closes the connection: the cluster has no endpoint. */
    static Filter.Builder close(List<AccessLog> logs) {
        return to(ResourceNames.CLOSED, "closed", Envoy.seconds(3600), logs);
    }

    private static TcpProxy.Builder config(String cluster, String statPrefix, Duration idle, List<AccessLog> logs) {
        return TcpProxy.newBuilder()
                .setStatPrefix(statPrefix)
                .setCluster(cluster)
                .setIdleTimeout(idle)
                .addAllAccessLog(logs);
    }

    private static Filter.Builder filter(TcpProxy.Builder config) {
        return Envoy.networkFilter("envoy.filters.network.tcp_proxy", config);
    }

    private TcpProxies() {}
}
