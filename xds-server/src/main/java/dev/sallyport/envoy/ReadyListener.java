package dev.sallyport.envoy;

import dev.sallyport.bootstrap.SidecarPorts;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;

/** Answers {@code GET /ready} with 200. It comes by xDS, so that its being there says that the sidecar holds its configuration; connection limits do not touch it. */
final class ReadyListener {
    static Listener of(SidecarPorts ports) {
        return Listener.newBuilder()
                .setName(ResourceNames.READY)
                .setAddress(Address.newBuilder().setSocketAddress(address(ports)))
                .setIgnoreGlobalConnLimit(true)
                .setBypassOverloadManager(true)
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(ConnectionManager.toFilter(HttpConnectionManager.newBuilder()
                                .setStatPrefix(ResourceNames.READY)
                                .setRouteConfig(RouteConfiguration.newBuilder()
                                        .setName(ResourceNames.READY)
                                        .addVirtualHosts(VirtualHost.newBuilder()
                                                .setName(ResourceNames.READY)
                                                .addDomains("*")
                                                .addRoutes(ready())))
                                .addHttpFilters(ConnectionManager.router()))))
                .build();
    }

    private static Route.Builder ready() {
        return Route.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPath("/ready"))
                .setDirectResponse(
                        DirectResponseAction.newBuilder().setStatus(200).setBody(Envoy.inline("ok\n")));
    }

    /** The unspecified IPv6 address takes IPv4 as well. */
    private static SocketAddress.Builder address(SidecarPorts ports) {
        return SocketAddress.newBuilder()
                .setAddress(ports.readyAddress())
                .setPortValue(ports.ready())
                .setIpv4Compat(ports.readyAddress().equals("::"));
    }

    private ReadyListener() {}
}
