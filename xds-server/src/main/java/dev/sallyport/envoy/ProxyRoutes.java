package dev.sallyport.envoy;

import dev.sallyport.policy.Action;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The routes of the proxy and of captured port 80: which CONNECT and which {@code http://} request goes where. Envoy looks for an exact domain, then for the longest suffix, then for {@code *}, which is
 * the policy's own order.
 */
public final class ProxyRoutes {
    /** Envoy refuses a body of more than 4,096 bytes; this many characters are never more. */
    private static final int LONGEST_HINT = 1_000;

    /** The routes called {@code proxy} of a workload. */
    public static RouteConfiguration of(WorkloadModel model) {
        RouteConfiguration.Builder routes = configuration(ResourceNames.PROXY);
        groups(model.hosts()).forEach((name, hosts) -> routes.addVirtualHosts(ProxyVirtualHost.of(name, hosts)));
        return new Entries(model).coverEverything()
                ? routes.build()
                : routes.addVirtualHosts(others(model.denyHint())).build();
    }

    /** Routes under any name that refuse every request: the answer to a subscription of routes that do not exist, since Envoy would wait for ever for routes that are said to be gone. */
    public static RouteConfiguration denyAll(String name, PolicyId policy) {
        return configuration(name)
                .addVirtualHosts(others("there is nothing here that the policy " + policy + " allows"))
                .build();
    }

    private static RouteConfiguration.Builder configuration(String name) {
        return Routes.configuration(name).setIgnorePortInHostMatching(true);
    }

    private static VirtualHost.Builder others(String hint) {
        String body = hint.substring(0, Math.min(hint.length(), LONGEST_HINT));
        return VirtualHost.newBuilder()
                .setName("others")
                .addDomains("*")
                .addRoutes(Routes.refuseTrace())
                .addAllRoutes(Routes.refuse(403, Reason.HOST_NOT_ALLOWED, body));
    }

    /** Hosts with equal routes, under a name that says what these depend on. They share a virtual host, so that a thousand hosts cost no more than one. */
    private static SortedMap<String, List<HostEntry>> groups(List<HostEntry> hosts) {
        SortedMap<String, List<HostEntry>> groups = new TreeMap<>();
        hosts.forEach(host ->
                groups.computeIfAbsent(group(host), name -> new ArrayList<>()).add(host));
        return groups;
    }

    private static String group(HostEntry host) {
        if (host.action() == Action.Deny) {
            return "denied";
        }
        String ports = host.ports().stream().map(String::valueOf).collect(Collectors.joining(","));
        if (!Destinations.isPassthrough(host)) {
            return "intercept " + ports;
        }
        return String.join(
                " ",
                host.host().isAny() ? "*" : "passthrough",
                ports,
                Destinations.requests(host, host.ports().get(0)),
                host.timeouts().request().toString(),
                host.timeouts().idle().toString());
    }

    private ProxyRoutes() {}
}
