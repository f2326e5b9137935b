package dev.sallyport.envoy;

import static dev.sallyport.envoy.LogFilters.cel;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.Addresses;
import dev.sallyport.policy.PolicyId;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.List;
import java.util.stream.Stream;

/** The HTTP proxy that apps are pointed at. It depends on no host: a change would cut every tunnel, so all that changes is in {@link ProxyRoutes}. */
final class ProxyListener {
    static Listener of(PolicyId policy, SidecarPorts ports) {
        return Listener.newBuilder()
                .setName(ResourceNames.PROXY)
                .setAddress(Envoy.address("127.0.0.1", ports.proxy()))
                .setPerConnectionBufferLimitBytes(EntryListeners.BUFFER)
                .addAccessLog(ConnectionLimit.log(policy))
                .addFilterChains(FilterChain.newBuilder()
                        .setName(ResourceNames.PROXY)
                        .addFilters(ConnectionLimit.filter())
                        .addFilters(FilterState.ofProxied())
                        .addFilters(manager(policy, ResourceNames.PROXY)))
                .build();
    }

    /** The connection manager of the proxy, which the capture listener uses for port 80 as well. */
    static Filter.Builder manager(PolicyId policy, String statPrefix) {
        return ConnectionManager.toFilter(ConnectionManager.outside(statPrefix)
                .addAllHttpFilters(filters())
                .setLocalReplyConfig(LocalReplies.ofProxy(policy))
                .addAccessLog(log(policy)));
    }

    private static List<HttpFilter> filters() {
        return Stream.of(
                        // Answers and the log name the host without its port.
                        TargetFilter.of(),
                        // Needs the host; before all that could be misled.
                        CleanFilter.noting(Envoy.header(CleanFilter.AUTHORITY, TargetFilter.HOST)),
                        // For the line that the inner hop writes.
                        FilterState.ofTarget(),
                        // For requests to passthrough hosts, which go out from here; routes say which of the two caches
                        // is theirs.
                        DynamicForwardProxyFilter.of(Addresses.Public),
                        DynamicForwardProxyFilter.of(Addresses.Any).setDisabled(true),
                        // After the resolver has read the header that it hides.
                        CleanFilter.hiding(),
                        ConnectionManager.routerWithoutEarlyData())
                .map(HttpFilter.Builder::build)
                .toList();
    }

    /** What went on to an internal listener is logged there: a CONNECT with 200, and a request that entered again and was answered from there. */
    private static AccessLog.Builder log(PolicyId policy) {
        return LogLine.ofRequests(policy)
                .with("host", TargetFilter.HOST)
                .with("port", TargetFilter.PORT)
                .when(cel("!(response.code_details == \"via_upstream\" && xds.cluster_name.startsWith(\"upgrade/\")"
                        + " || request.method == \"CONNECT\" && response.code == 200)"));
    }

    private ProxyListener() {}
}
