package dev.sallyport.envoy;

import static dev.sallyport.envoy.Text.exactlyInAnyCase;
import static dev.sallyport.envoy.Text.inHeader;

import dev.sallyport.policy.HostEntry;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import java.util.stream.Stream;

/** The routes that lead out of the sidecar, to the upstream of a host. */
final class UpstreamRoutes {
    /** For every request that {@code match} takes. */
    static Stream<Route.Builder> of(HostEntry host, int port, RouteMatch.Builder match) {
        RouteMatch.Builder webSocket = match.clone().addHeaders(inHeader("upgrade", exactlyInAnyCase("websocket")));
        return Stream.of(
                route("websocket", webSocket, host, Destinations.upgrades(host, port)),
                route("forward", match, host, Destinations.requests(host, port)));
    }

    private static Route.Builder route(String name, RouteMatch.Builder match, HostEntry host, String cluster) {
        RouteAction.Builder action = RouteAction.newBuilder()
                .setCluster(cluster)
                .setTimeout(Envoy.millis(host.timeouts().request().toMillis()))
                .setIdleTimeout(Envoy.millis(host.timeouts().idle().toMillis()));
        return Routes.allow(name, match, action)
                // An upstream must not say what only the sidecar says, nor lead the app around it.
                .addResponseHeadersToRemove(LocalReplies.REASON)
                .addResponseHeadersToRemove(LocalReplies.POLICY)
                .addResponseHeadersToRemove("alt-svc");
    }

    private UpstreamRoutes() {}
}
