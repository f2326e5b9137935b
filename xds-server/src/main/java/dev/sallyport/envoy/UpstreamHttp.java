package dev.sallyport.envoy;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.UpstreamHttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig;

/** The HTTP versions that clusters speak to upstreams. Every method gives the value of {@link #KEY} in a cluster's extension options. */
final class UpstreamHttp {
    static final String KEY = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    /** The windows keep what a slow reader makes the sidecar hold small. */
    private static final Http2ProtocolOptions HTTP2 = Http2ProtocolOptions.newBuilder()
            .setInitialStreamWindowSize(Envoy.uint32(262_144))
            .setInitialConnectionWindowSize(Envoy.uint32(1_048_576))
            .build();

    /** HTTP/2 where the upstream offers it. */
    static HttpProtocolOptions.Builder best() {
        return HttpProtocolOptions.newBuilder()
                .setAutoConfig(AutoHttpConfig.newBuilder().setHttp2ProtocolOptions(HTTP2));
    }

    static HttpProtocolOptions.Builder http1() {
        return HttpProtocolOptions.newBuilder()
                .setExplicitHttpConfig(ExplicitHttpConfig.newBuilder()
                        .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance()));
    }

    /** The certificate must be for the name that the request asks for. */
    static Any checkedAgainstRequest(HttpProtocolOptions.Builder options) {
        return Envoy.any(options.setUpstreamHttpProtocolOptions(
                UpstreamHttpProtocolOptions.newBuilder().setAutoSni(true).setAutoSanValidation(true)));
    }

    private UpstreamHttp() {}
}
