package dev.sallyport.envoy;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import dev.sallyport.proto.NewerFields;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.SchemeHeaderTransformation;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;

/** HTTP connection managers: what those of all hops have in common, and what sets them apart. */
final class ConnectionManager {
    private static final Any ROUTER = Envoy.any(routerConfig());

    /** Where apps speak to a proxy, or in clear on a captured port 80. */
    static HttpConnectionManager.Builder outside(String statPrefix) {
        return common(statPrefix, ResourceNames.PROXY)
                .setCodecType(CodecType.HTTP1)
                .setHttpProtocolOptions(Http1ProtocolOptions.newBuilder()
                        .setAllowAbsoluteUrl(BoolValue.of(true))
                        // Python up to 3.11 and openssl s_client send CONNECT in HTTP/1.0.
                        .setAcceptHttp10(true));
    }

    /** Inside the TLS of an intercepted host. */
    static HttpConnectionManager.Builder inside(int port) {
        return common("tls", ResourceNames.tls(port))
                .setCodecType(CodecType.AUTO)
                .setHttpProtocolOptions(Http1ProtocolOptions.newBuilder()
                        .setAllowAbsoluteUrl(BoolValue.of(false))
                        .setAcceptHttp10(true))
                .setHttp2ProtocolOptions(Http2ProtocolOptions.newBuilder()
                        .setMaxConcurrentStreams(Envoy.uint32(100))
                        .setInitialStreamWindowSize(Envoy.uint32(65_536))
                        .setInitialConnectionWindowSize(Envoy.uint32(1_048_576)))
                .setSchemeHeaderTransformation(
                        SchemeHeaderTransformation.newBuilder().setSchemeToOverwrite("https"));
    }

    static Filter.Builder toFilter(HttpConnectionManager.Builder manager) {
        return Envoy.networkFilter("envoy.filters.network.http_connection_manager", manager);
    }

    /** Always the last HTTP filter. It adds no header of Envoy's own. */
    static HttpFilter.Builder router() {
        return HttpFilter.newBuilder().setName("envoy.filters.http.router").setTypedConfig(ROUTER);
    }

    /** As {@link #router}, and bytes after a CONNECT that was not answered yet are refused: a proxy that denies would read them as a request. */
    static HttpFilter.Builder routerWithoutEarlyData() {
        return Envoy.httpFilter("envoy.filters.http.router", NewerFields.rejectConnectRequestEarlyData(routerConfig()));
    }

    private static Router.Builder routerConfig() {
        return Router.newBuilder().setSuppressEnvoyHeaders(true);
    }

    private static HttpConnectionManager.Builder common(String statPrefix, String routes) {
        return HttpConnectionManager.newBuilder()
                .setStatPrefix(statPrefix)
                .setRds(Rds.newBuilder().setRouteConfigName(routes).setConfigSource(Envoy.FROM_ADS))
                // An upgrade that is not listed here is refused before any route is asked.
                .addUpgradeConfigs(UpgradeConfig.newBuilder().setUpgradeType("CONNECT"))
                .addUpgradeConfigs(UpgradeConfig.newBuilder().setUpgradeType("websocket"))
                // Requests and answers pass as they are.
                .setServerHeaderTransformation(ServerHeaderTransformation.PASS_THROUGH)
                .setGenerateRequestId(BoolValue.of(false))
                .setUseRemoteAddress(BoolValue.of(false))
                .setSkipXffAppend(true)
                .setStripTrailingHostDot(true)
                // An app can open connections at will, and none may cost much.
                .setMaxRequestHeadersKb(Envoy.uint32(60))
                .setCommonHttpProtocolOptions(HttpProtocolOptions.newBuilder()
                        .setIdleTimeout(Envoy.seconds(3600))
                        .setMaxHeadersCount(Envoy.uint32(200)))
                .setRequestHeadersTimeout(Envoy.seconds(15))
                .setStreamIdleTimeout(Envoy.seconds(300));
    }

    private ConnectionManager() {}
}
