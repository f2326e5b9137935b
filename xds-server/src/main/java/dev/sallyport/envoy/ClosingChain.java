package dev.sallyport.envoy;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import java.util.List;
import java.util.stream.Stream;

/** Closes connections, and logs why. */
final class ClosingChain {
    /** Keeps a listener valid that has no other chain; nothing ever matches it. */
    static FilterChain.Builder placeholder() {
        return closing("placeholder", tls().addServerNames("placeholder.invalid"))
                .addFilters(TcpProxies.close(List.of()));
    }

    /**
     * Closes the connections to these patterns. They share a chain: it may change, because no connection stays in it. {@code *} has one of its own, since a match on no name cannot be listed.
     */
    static Stream<FilterChain.Builder> of(PolicyId policy, List<String> patterns, Reason reason, int port) {
        List<String> names =
                patterns.stream().filter(pattern -> !pattern.equals("*")).toList();
        Stream<FilterChain.Builder> named =
                names.isEmpty() ? Stream.empty() : Stream.of(closing(reason.code(), tls().addAllServerNames(names)));
        Stream<FilterChain.Builder> rest =
                patterns.contains("*") ? Stream.of(closing(reason.code() + "/*", tls())) : Stream.empty();
        return Stream.concat(named, rest)
                .map(chain -> chain.addFilters(TcpProxies.close(List.of(
                        LogLine.of(policy).onPort(port).because(reason).always().build()))));
    }

    private static FilterChain.Builder closing(String name, FilterChainMatch.Builder match) {
        return FilterChain.newBuilder().setName(name).setFilterChainMatch(match);
    }

    private static FilterChainMatch.Builder tls() {
        return FilterChainMatch.newBuilder().setTransportProtocol("tls");
    }

    private ClosingChain() {}
}
