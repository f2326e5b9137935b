package dev.sallyport.envoy;

import static dev.sallyport.envoy.LogFilters.both;
import static dev.sallyport.envoy.LogFilters.cel;
import static dev.sallyport.envoy.LogFilters.flags;

import com.google.protobuf.Duration;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.Hosts;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig;
import java.util.List;
import java.util.stream.Stream;

/** Forwards the TLS of the names that one entry covers, unread, to where their SNI leads. */
final class PassthroughChain {
    private static final String IS_NAME = "has(connection.requested_server_name)"
            + " && connection.requested_server_name.matches(\"^" + Hosts.NAME + "$\")";

    static FilterChain.Builder of(PolicyId policy, HostEntry entry, int port) {
        return FilterChain.newBuilder()
                .setName(entry.host().text())
                .setFilterChainMatch(match(entry))
                .addAllFilters(Stream.of(namesOnly(entry), resolver(entry, port), tunnel(policy, entry, port))
                        .flatMap(filters -> filters)
                        .map(Filter.Builder::build)
                        .toList());
    }

    private static FilterChainMatch.Builder match(HostEntry entry) {
        FilterChainMatch.Builder tls = FilterChainMatch.newBuilder().setTransportProtocol("tls");
        return entry.host().isAny() ? tls : tls.addServerNames(entry.host().text());
    }

    /** {@code *} takes what has no SNI, or an address there; neither is a host. The filter decides when the first bytes come, so the tunnel is not to dial before. */
    private static Stream<Filter.Builder> namesOnly(HostEntry entry) {
        if (!entry.host().isAny()) {
            return Stream.empty();
        }
        return Stream.of(Envoy.networkFilter(
                "names-only",
                io.envoyproxy
                        .envoy
                        .extensions
                        .filters
                        .network
                        .rbac
                        .v3
                        .RBAC
                        .newBuilder()
                        .setStatPrefix("names")
                        .setRules(io.envoyproxy
                                .envoy
                                .config
                                .rbac
                                .v3
                                .RBAC
                                .newBuilder()
                                .putPolicies(
                                        "name",
                                        Policy.newBuilder()
                                                .addPrincipals(
                                                        Principal.newBuilder().setAny(true))
                                                .addPermissions(Permission.newBuilder()
                                                        .setRequestedServerName(Text.matches(Hosts.NAME)))
                                                .build()))));
    }

    private static Stream<Filter.Builder> resolver(HostEntry entry, int port) {
        if (Destinations.isPinned(entry)) {
            return Stream.empty();
        }
        return Stream.of(Envoy.networkFilter(
                "dns", FilterConfig.newBuilder().setPortValue(port).setDnsCacheConfig(DnsCache.of(entry.addresses()))));
    }

    private static Stream<Filter.Builder> tunnel(PolicyId policy, HostEntry entry, int port) {
        LogLine line = LogLine.of(policy).onPort(port);
        String cluster = Destinations.tunnels(entry, port);
        Duration idle = Envoy.millis(entry.timeouts().idle().toMillis());
        return Stream.of(
                entry.host().isAny()
                        ? TcpProxies.onceUsed(cluster, "passthrough", idle, logsOfNames(line))
                        : TcpProxies.to(cluster, "passthrough", idle, logs(line.allowed())));
    }

    private static List<AccessLog> logs(LogLine line) {
        return List.of(
                line.because(Reason.NO_USABLE_ADDRESS).when(flags("UH", "NC")).build(),
                line.because(Reason.UPSTREAM_UNREACHABLE).when(flags("UF")).build(),
                line.when(cel("response.flags == 0")).build());
    }

    /** What is no name was refused, whatever the chain had begun to do about it. */
    private static List<AccessLog> logsOfNames(LogLine line) {
        LogLine allowed = line.allowed();
        return List.of(
                line.because(Reason.NO_MATCHING_CHAIN)
                        .when(cel("!(" + IS_NAME + ")"))
                        .build(),
                allowed.because(Reason.NO_USABLE_ADDRESS)
                        .when(both(cel(IS_NAME), flags("UH", "NC")))
                        .build(),
                allowed.because(Reason.UPSTREAM_UNREACHABLE)
                        .when(both(cel(IS_NAME), flags("UF")))
                        .build(),
                allowed.when(cel(IS_NAME + " && response.flags == 0")).build());
    }

    private PassthroughChain() {}
}
