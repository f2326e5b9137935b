package dev.sallyport.envoy;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import java.util.List;
import java.util.stream.Stream;

/** Takes the TLS of one exact host, and sends its requests on with their credentials. A function of the host's entry alone: a chain that changes is drained. */
final class InterceptChain {
    static FilterChain.Builder of(PolicyId policy, HostEntry entry, int port) {
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
                .addFilters(ConnectionManager.toFilter(manager(policy, entry, port)));
    }

    private static HttpConnectionManager.Builder manager(PolicyId policy, HostEntry entry, int port) {
        return ConnectionManager.inside(port)
                .addAllHttpFilters(filters(entry))
                .setLocalReplyConfig(LocalReplies.of(policy, entry))
                .addAccessLog(LogLine.ofRequests(policy).onPort(port).always());
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

    private InterceptChain() {}
}
