package dev.sallyport.envoy;

import dev.sallyport.policy.Addresses;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The chains that take the TLS of one exact host each, and send its requests on with their credentials. A chain is a function of the host's entry alone: one that changes is drained. What chains of a policy and port have in
 * common is made once. For one thread.
 */
final class InterceptChains {
    private final PolicyId policy;
    private final AccessLog log;
    private final int port;
    private final Map<Shape, HttpConnectionManager> managers = new HashMap<>();
    private final Map<Shape, Filter> withoutCredentials = new HashMap<>();

    /** What sets the connection managers of two hosts apart, apart from their credentials. */
    private record Shape(boolean pinned, Addresses addresses, boolean credentials) {
        static Shape of(HostEntry entry) {
            return new Shape(
                    Destinations.isPinned(entry),
                    entry.addresses(),
                    !entry.credentials().isEmpty());
        }
    }

    InterceptChains(PolicyId policy, int port) {
        this.policy = policy;
        this.port = port;
        this.log = LogLine.ofRequests(policy).onPort(port).always().build();
    }

    FilterChain.Builder of(HostEntry entry) {
        String host = entry.host().text();
        return FilterChain.newBuilder()
                .setName(host)
                .setFilterChainMatch(FilterChainMatch.newBuilder()
                        .setTransportProtocol("tls")
                        .addServerNames(host))
                .setTransportSocketConnectTimeout(Envoy.seconds(10))
                .setTransportSocket(Envoy.transportSocket(
                        "envoy.transport_sockets.tls",
                        DownstreamTlsContext.newBuilder()
                                .setCommonTlsContext(CommonTlsContext.newBuilder()
                                        .addAlpnProtocols("h2")
                                        .addAlpnProtocols("http/1.1")
                                        .setTlsParams(UpstreamTls.VERSIONS)
                                        .addTlsCertificateSdsSecretConfigs(
                                                Envoy.secretFromAds(ResourceNames.leaf(host))))))
                .addFilters(FilterState.ofHost(host))
                .addFilters(manager(entry));
    }

    private Filter manager(HostEntry entry) {
        return entry.credentials().isEmpty()
                ? withoutCredentials.computeIfAbsent(Shape.of(entry), shape -> made(entry))
                : made(entry);
    }

    private Filter made(HostEntry entry) {
        HttpConnectionManager common = managers.computeIfAbsent(
                Shape.of(entry),
                shape -> ConnectionManager.inside(port)
                        .setLocalReplyConfig(LocalReplies.of(policy, entry))
                        .addAccessLog(log)
                        .build());
        return ConnectionManager.toFilter(common.toBuilder().addAllHttpFilters(filters(entry)))
                .build();
    }

    private static List<HttpFilter> filters(HostEntry entry) {
        return Stream.of(
                        // First, so that no later filter acts on what the app made up.
                        Stream.of(CleanFilter.of(entry.credentials())),
                        // After the app's own copies are gone.
                        entry.credentials().stream()
                                .map(credential ->
                                        CredentialInjectorFilter.of(entry.host().text(), credential)),
                        // After all that answers by itself: only a request that will be sent is worth a look-up.
                        resolver(entry),
                        Stream.of(ConnectionManager.router()))
                .flatMap(filters -> filters)
                .map(HttpFilter.Builder::build)
                .toList();
    }

    private static Stream<HttpFilter.Builder> resolver(HostEntry entry) {
        return Destinations.isPinned(entry)
                ? Stream.empty()
                : Stream.of(DynamicForwardProxyFilter.of(entry.addresses()));
    }
}
