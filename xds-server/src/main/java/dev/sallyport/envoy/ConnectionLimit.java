package dev.sallyport.envoy;

import static dev.sallyport.envoy.LogFilters.cel;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.listener.v3.Filter;

/** How many connections an app may hold, so that it wears out nobody but itself. The bootstrap has a limit for the whole sidecar, just above, which no log tells of. */
final class ConnectionLimit {
    static final int MOST = 4_000;

    /** Goes before {@link FilterState}: what is closed here never gets an id, and that is how {@link #log} knows it. */
    static Filter.Builder filter() {
        return Envoy.networkFilter(
                "limit",
                io.envoyproxy.envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit.newBuilder()
                        .setStatPrefix("apps")
                        .setMaxConnections(Envoy.uint64(MOST)));
    }

    /** One line for each connection that was one too many. */
    static AccessLog.Builder log(PolicyId policy) {
        return LogLine.of(policy)
                .because(Reason.CONNECTION_LIMIT)
                .with("connect", "%DOWNSTREAM_LOCAL_ADDRESS%")
                .when(cel("!(\"" + FilterState.CONNECTION + "\" in filter_state) && response.flags == 0"));
    }

    private ConnectionLimit() {}
}
