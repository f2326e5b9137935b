package dev.sallyport.envoy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.route.v3.FilterConfig;

/** What a route says about an HTTP filter, beyond that filter's own configuration for routes. */
final class RouteFilters {
    /** The filter does not see the route's requests. */
    static Any disabled() {
        return Envoy.any(FilterConfig.newBuilder().setDisabled(true));
    }

    private RouteFilters() {}
}
