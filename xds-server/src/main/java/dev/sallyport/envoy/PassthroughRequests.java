package dev.sallyport.envoy;

import com.google.protobuf.Any;
import dev.sallyport.policy.HostEntry;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import java.util.Map;
import java.util.stream.Stream;

/** Routes of {@code http://} requests to a host whose TLS is not intercepted. They leave from the proxy itself, over verified TLS and never in clear. */
final class PassthroughRequests {
    /** To the port that the authority names. */
    static Stream<Route.Builder> asSent(HostEntry host, int port, RouteMatch.Builder match) {
        return routes(host, port, match, DynamicForwardProxyFilter.onRoute(host.addresses()));
    }

    /** To {@code port}, whatever the authority says about one: the upstream is told the host alone. */
    static Stream<Route.Builder> withoutPort(HostEntry host, int port, RouteMatch.Builder match) {
        if (!Destinations.isPinned(host)) {
            return routes(
                    host, port, match, DynamicForwardProxyFilter.onRoute(host.addresses(), CleanFilter.AUTHORITY));
        }
        Stream<Route.Builder> routes = routes(host, port, match, Map.of());
        // Fixed addresses are dialled on their own port; what a wildcard covers has no one name to write.
        return host.host().isExact() ? routes.map(route -> as(host, route)) : routes;
    }

    private static Stream<Route.Builder> routes(
            HostEntry host, int port, RouteMatch.Builder match, Map<String, Any> filters) {
        return UpstreamRoutes.of(host, port, match)
                .map(route -> route.putTypedPerFilterConfig(CleanFilter.HIDING, CleanFilter.withoutAuthority())
                        .putAllTypedPerFilterConfig(filters));
    }

    private static Route.Builder as(HostEntry host, Route.Builder route) {
        route.getRouteBuilder().setHostRewriteLiteral(host.host().text());
        return route;
    }

    private PassthroughRequests() {}
}
