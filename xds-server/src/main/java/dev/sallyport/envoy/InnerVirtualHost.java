package dev.sallyport.envoy;

import static dev.sallyport.envoy.Routes.deny;
import static dev.sallyport.envoy.Routes.requests;
import static dev.sallyport.envoy.Text.exactly;
import static dev.sallyport.envoy.Text.inHeader;
import static dev.sallyport.envoy.Text.matches;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.type.matcher.v3.FilterStateMatcher;
import java.util.List;
import java.util.stream.Stream;

/** The virtual hosts inside TLS. */
final class InnerVirtualHost {
    // Every virtual host has these: made once, their size is known too.
    private static final Route TRACE = Routes.refuseTrace().build();
    private static final Route CONNECT = Routes.refuseConnect().build();
    private static final Route MISMATCH = mismatch(requests()).build();

    /** An intercepted host: {@code answers} to what came through its own chain, 421 to the rest. */
    static VirtualHost.Builder of(String host, int port, Stream<Route.Builder> answers) {
        return named(host, List.of(host), port)
                .addAllRoutes(answers.map(Route.Builder::build).toList())
                .addRoutes(MISMATCH);
    }

    /** A host that the policy no longer lets through. */
    static VirtualHost.Builder leaving(String host, int port, Reason reason) {
        return named(host, List.of(host), port)
                .addRoutes(deny(cameFor(host), 403, reason, "the policy no longer allows this host here"))
                .addRoutes(badAuthority());
    }

    /** Hosts that all get the same answer. */
    static VirtualHost.Builder answering(String name, List<String> hosts, int port, Route.Builder answer) {
        return named(name, hosts, port).addRoutes(answer);
    }

    /** All other authorities where the policy has {@code *}: a name is another host of the policy, an address or another port is not. */
    static VirtualHost.Builder anyName(int port) {
        String name = PassthroughChain.NAME + "(:" + port + ")?";
        return start("rest")
                .addDomains("*")
                .addRoutes(mismatch(requests(inHeader(":authority", matches(name)))))
                .addRoutes(badAuthority());
    }

    /** All other authorities. */
    static VirtualHost.Builder anythingElse() {
        return start("rest").addDomains("*").addRoutes(badAuthority());
    }

    /** What came through the chain of {@code host}. */
    static RouteMatch.Builder cameFor(String host) {
        return requests()
                .addFilterState(
                        FilterStateMatcher.newBuilder().setKey(FilterState.HOST).setStringMatch(exactly(host)));
    }

    /** For a host of which something is missing: nothing is sent, so its injectors must not act. */
    static Stream<Route.Builder> refused(HostEntry entry, int status, Reason reason, String hint) {
        return Stream.of(deny(cameFor(entry.host().text()), status, reason, hint)
                .putAllTypedPerFilterConfig(CredentialInjectorFilter.disabled(entry.credentials())));
    }

    static Route.Builder mismatch(RouteMatch.Builder match) {
        return deny(match, 421, Reason.AUTHORITY_MISMATCH, "this connection is for another host; open a new one");
    }

    static Route.Builder badAuthority() {
        return deny(
                requests(),
                400,
                Reason.BAD_AUTHORITY,
                "the Host of the request is not the host and port of this connection");
    }

    private static VirtualHost.Builder named(String name, List<String> hosts, int port) {
        return start(name)
                .addAllDomains(
                        hosts.stream().flatMap(host -> domains(host, port)).toList());
    }

    private static VirtualHost.Builder start(String name) {
        return VirtualHost.newBuilder().setName(name).addRoutes(TRACE).addRoutes(CONNECT);
    }

    /** The upstream's port is that of the authority, so it must be this one; only 443 need not be said. */
    private static Stream<String> domains(String host, int port) {
        String withPort = host + ":" + port;
        return port == 443 ? Stream.of(host, withPort) : Stream.of(withPort);
    }

    private InnerVirtualHost() {}
}
