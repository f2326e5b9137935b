package dev.sallyport.envoy;

import static dev.sallyport.envoy.Routes.connects;
import static dev.sallyport.envoy.Routes.deny;
import static dev.sallyport.envoy.Routes.refuse;
import static dev.sallyport.envoy.Routes.requests;
import static dev.sallyport.envoy.Text.endsWith;
import static dev.sallyport.envoy.Text.exactlyInAnyCase;
import static dev.sallyport.envoy.Text.inHeader;
import static dev.sallyport.envoy.Text.matches;

import dev.sallyport.policy.Action;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.Hosts;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.UpgradeConfig;
import io.envoyproxy.envoy.config.route.v3.RouteAction.UpgradeConfig.ConnectConfig;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The routes of proxy requests to hosts that are treated alike. */
final class ProxyVirtualHost {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final String AUTHORITY = ":authority";

    /** {@code hosts} differ in nothing that matters here but their names. */
    static VirtualHost.Builder of(String name, List<HostEntry> hosts) {
        HostEntry one = hosts.get(0);
        return VirtualHost.newBuilder()
                .setName(name)
                .addAllDomains(hosts.stream().map(host -> host.host().text()).toList())
                .addRoutes(Routes.refuseTrace())
                .addAllRoutes(notNames(hosts))
                .addAllRoutes(one.action() == Action.Deny ? denied() : allowed(one));
    }

    private static List<Route> denied() {
        return refuse(403, Reason.HOST_DENIED, "the policy denies this host");
    }

    private static List<Route> allowed(HostEntry host) {
        String wrongPort = "this host is allowed on port "
                + host.ports().stream().map(String::valueOf).collect(Collectors.joining(", "));
        return Stream.of(
                        host.ports().stream().map(ProxyVirtualHost::connect),
                        Stream.of(deny(connects(), 403, Reason.PORT_NOT_ALLOWED, wrongPort)),
                        Stream.of(https()),
                        host.ports().stream().filter(port -> port != HTTP).flatMap(port -> onPort(host, port)),
                        withoutPort(host),
                        Stream.of(deny(requests(), 403, Reason.PORT_NOT_ALLOWED, wrongPort)))
                .flatMap(Function.identity())
                .map(Route.Builder::build)
                .toList();
    }

    /** A wildcard covers names, and Envoy takes it to cover whatever ends alike. */
    private static List<Route> notNames(List<HostEntry> hosts) {
        if (hosts.stream().allMatch(host -> host.host().isExact())) {
            return List.of();
        }
        HeaderMatcher.Builder notName =
                inHeader(AUTHORITY, matches(Hosts.NAME + "(:\\d+)?")).setInvertMatch(true);
        return refuse(403, Reason.HOST_NOT_ALLOWED, "this is not a DNS name; an address is none either", notName);
    }

    /** The end of the authority decides, so that {@code :0443} is not 443. */
    private static HeaderMatcher.Builder port(int port) {
        return inHeader(AUTHORITY, endsWith(":" + port));
    }

    private static Route.Builder connect(int port) {
        return Routes.allow(
                "connect",
                connects(port(port)),
                inside(ResourceNames.tls(port))
                        .addUpgradeConfigs(UpgradeConfig.newBuilder()
                                .setUpgradeType("CONNECT")
                                .setConnectConfig(ConnectConfig.getDefaultInstance())));
    }

    /** Envoy would route {@code GET https://h/} as if it were {@code http://h/}. */
    private static Route.Builder https() {
        return deny(
                requests(inHeader(":scheme", exactlyInAnyCase("https"))),
                400,
                Reason.ABSOLUTE_FORM,
                "use CONNECT for https URLs");
    }

    private static Stream<Route.Builder> onPort(HostEntry host, int port) {
        return Destinations.isPassthrough(host)
                ? PassthroughRequests.asSent(host, port, requests(port(port)))
                : Stream.of(http(port(port), inside(ResourceNames.upgrade(port))));
    }

    /** {@code http://h/} and {@code http://h:80/} mean the TLS of port 443. */
    private static Stream<Route.Builder> withoutPort(HostEntry host) {
        if (!host.allows(HTTPS)) {
            return Stream.empty();
        }
        HeaderMatcher.Builder noPort = inHeader(AUTHORITY, matches("[^:]+(:80)?"));
        return Destinations.isPassthrough(host)
                ? PassthroughRequests.withoutPort(host, HTTPS, requests(noPort))
                : Stream.of(
                        http(noPort, inside(ResourceNames.upgrade(HTTPS)).setHostRewriteHeader(CleanFilter.AUTHORITY)));
    }

    private static Route.Builder http(HeaderMatcher.Builder authority, RouteAction.Builder action) {
        return Routes.allow("http", requests(authority), action);
    }

    /** Without time-outs: the inner hop has those of the host. */
    private static RouteAction.Builder inside(String cluster) {
        return RouteAction.newBuilder()
                .setCluster(cluster)
                .setTimeout(Envoy.seconds(0))
                .setIdleTimeout(Envoy.seconds(0));
    }

    private ProxyVirtualHost() {}
}
