package dev.sallyport.envoy;

import static dev.sallyport.envoy.Routes.deny;
import static dev.sallyport.envoy.Routes.requests;
import static dev.sallyport.envoy.Text.exactly;
import static dev.sallyport.envoy.Text.inHeader;
import static dev.sallyport.envoy.Text.matches;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.Hosts;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.type.matcher.v3.FilterStateMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The virtual hosts inside TLS. */
final class InnerVirtualHost {
    /** Characters. Envoy refuses an expression that compiles to a program of more than 100 steps, of which each takes one or a bit less. */
    private static final int LONGEST_EXPRESSION = 80;

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
                .addRoutes(notAnyMore(cameFor(host), reason))
                .addRoutes(badAuthority(requests()));
    }

    /** Hosts that all get the same answers. */
    static VirtualHost.Builder answering(String name, List<String> hosts, int port, Stream<Route.Builder> answers) {
        VirtualHost.Builder host = named(name, hosts, port);
        answers.forEach(host::addRoutes);
        return host;
    }

    /** All other authorities where the policy has {@code *}: a name is another host of the policy, an address or another port is not. */
    static VirtualHost.Builder anyName(int port) {
        String name = Hosts.NAME + "(:" + port + ")?";
        return start("rest")
                .addDomains("*")
                .addRoutes(mismatch(requests(inHeader(":authority", matches(name)))))
                .addRoutes(badAuthority(requests()));
    }

    /** All other authorities. */
    static VirtualHost.Builder anythingElse(Stream<Route.Builder> answers) {
        VirtualHost.Builder rest = start("rest").addDomains("*");
        answers.forEach(rest::addRoutes);
        return rest;
    }

    /** What came through the chain of {@code host}. */
    static RouteMatch.Builder cameFor(String host) {
        return cameFor(exactly(host));
    }

    private static RouteMatch.Builder cameFor(StringMatcher.Builder host) {
        return requests()
                .addFilterState(
                        FilterStateMatcher.newBuilder().setKey(FilterState.HOST).setStringMatch(host));
    }

    /** What came through the chain of one of these, several in an expression: a route costs as much as the rest of a virtual host. */
    static Stream<RouteMatch.Builder> cameForOneOf(List<String> hosts) {
        List<List<String>> groups = new ArrayList<>();
        int left = 0;
        for (String host : hosts) {
            left -= host.length() + 2;
            if (left < 0) {
                groups.add(new ArrayList<>());
                left = LONGEST_EXPRESSION - host.length();
            }
            groups.get(groups.size() - 1).add(host);
        }
        return groups.stream()
                .map(group -> group.size() == 1 ? cameFor(group.get(0)) : cameFor(matches(alternatives(group))));
    }

    private static String alternatives(List<String> hosts) {
        return hosts.stream().map(host -> host.replace(".", "[.]")).collect(Collectors.joining("|"));
    }

    /** For a host of which something is missing: nothing is sent, so its injectors must not act. */
    static Stream<Route.Builder> refused(HostEntry entry, int status, Reason reason, String hint) {
        return Stream.of(deny(cameFor(entry.host().text()), status, reason, hint)
                .putAllTypedPerFilterConfig(CredentialInjectorFilter.disabled(entry.credentials())));
    }

    static Route.Builder mismatch(RouteMatch.Builder match) {
        return deny(match, 421, Reason.AUTHORITY_MISMATCH, "this connection is for another host; open a new one");
    }

    static Route.Builder notAnyMore(RouteMatch.Builder match, Reason reason) {
        return deny(match, 403, reason, "the policy no longer allows this host here");
    }

    static Route.Builder badAuthority(RouteMatch.Builder match) {
        return deny(
                match,
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
