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

    private static final int STREAMS = 16;
    private static final int STREAM_WINDOW = 262_144;

    /**
     * The windows keep what a slow reader makes the sidecar hold small. The connection's is that of all its streams together: with less, a few streams that are not read would keep every other from being
     * read.
     */
    private static final Http2ProtocolOptions HTTP2 = Http2ProtocolOptions.newBuilder()
            .setMaxConcurrentStreams(Envoy.uint32(STREAMS))
            .setInitialStreamWindowSize(Envoy.uint32(STREAM_WINDOW))
            .setInitialConnectionWindowSize(Envoy.uint32(STREAMS * STREAM_WINDOW))
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
