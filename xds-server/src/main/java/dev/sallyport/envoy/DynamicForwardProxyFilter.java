package dev.sallyport.envoy;

import com.google.protobuf.Any;
import dev.sallyport.policy.Addresses;
import io.envoyproxy.envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig;
import io.envoyproxy.envoy.extensions.filters.http.dynamic_forward_proxy.v3.PerRouteConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.Map;
import java.util.TreeMap;

/** Resolves the name of a request's host into the {@link DnsCache} that the route's cluster dials from. Requests that go to a cluster with fixed addresses pass by. */
final class DynamicForwardProxyFilter {
    private static final Any PUBLIC = config(Addresses.Public);
    private static final Any ANY = config(Addresses.Any);

    private static Any config(Addresses addresses) {
        return Envoy.any(FilterConfig.newBuilder().setDnsCacheConfig(DnsCache.of(addresses)));
    }

    static HttpFilter.Builder of(Addresses addresses) {
        return HttpFilter.newBuilder()
                .setName(name(addresses))
                .setTypedConfig(addresses == Addresses.Public ? PUBLIC : ANY);
    }

    /** For a route of a proxy request: which of the two filters acts, {@link Addresses#Public} unless told otherwise. */
    static Map<String, Any> onRoute(Addresses addresses) {
        return addresses == Addresses.Public ? Map.of() : only(addresses, PerRouteConfig.newBuilder());
    }

    /** As {@link #onRoute(Addresses)}; the host to resolve, and to ask for, is what {@code header} says. */
    static Map<String, Any> onRoute(Addresses addresses, String header) {
        return only(addresses, PerRouteConfig.newBuilder().setHostRewriteHeader(header));
    }

    private static Map<String, Any> only(Addresses addresses, PerRouteConfig.Builder config) {
        Map<String, Any> filters = new TreeMap<>();
        if (addresses != Addresses.Public) {
            filters.put(name(Addresses.Public), RouteFilters.disabled());
        }
        filters.put(name(addresses), Envoy.any(config));
        return filters;
    }

    private static String name(Addresses addresses) {
        return "dns/" + ResourceNames.shared(addresses);
    }

    private DynamicForwardProxyFilter() {}
}
