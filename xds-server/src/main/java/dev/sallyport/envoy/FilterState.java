package dev.sallyport.envoy;

import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue;
import io.envoyproxy.envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue.SharedWithUpstream;
import io.envoyproxy.envoy.extensions.filters.http.set_filter_state.v3.Config;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;

/** What a connection knows about itself. */
final class FilterState {
    /** The host of the chain that took the connection: routes forward nothing that came through another host's chain. */
    static final String HOST = "sallyport.host";

    /** An id, on every connection that an app was let in with. */
    static final String CONNECTION = "sallyport.connection";

    private static final String CONNECT = "sallyport.connect";

    /** For a connection to the proxy: an id that the inner hop logs too. */
    static Filter.Builder ofProxied() {
        return filter(shared(CONNECTION, "%UNIQUE_ID%"));
    }

    /** For a captured connection: an id, and the address that the app dialled. */
    static Filter.Builder ofCaptured() {
        return filter(shared(CONNECTION, "%UNIQUE_ID%"), shared(CONNECT, "%DOWNSTREAM_LOCAL_ADDRESS%"));
    }

    static Filter.Builder ofHost(String host) {
        return filter(value(HOST, host));
    }

    /** For a proxy request: its target. */
    static HttpFilter.Builder ofTarget() {
        return Envoy.httpFilter(
                "connect", Config.newBuilder().addOnRequestHeaders(shared(CONNECT, "%REQ(:AUTHORITY)%")));
    }

    private static Filter.Builder filter(FilterStateValue.Builder... values) {
        var config = io.envoyproxy.envoy.extensions.filters.network.set_filter_state.v3.Config.newBuilder();
        for (FilterStateValue.Builder value : values) {
            config.addOnNewConnection(value);
        }
        return Envoy.networkFilter("state", config);
    }

    /** Goes with the connection to the internal listener. The string is hashable so that connections of two apps never share one there. */
    private static FilterStateValue.Builder shared(String key, String format) {
        return value(key, format).setSharedWithUpstream(SharedWithUpstream.ONCE);
    }

    private static FilterStateValue.Builder value(String key, String format) {
        return FilterStateValue.newBuilder()
                .setObjectKey(key)
                .setFactoryKey("envoy.hashable_string")
                .setFormatString(SubstitutionFormatString.newBuilder().setTextFormatSource(Envoy.inline(format)));
    }

    private FilterState() {}
}
