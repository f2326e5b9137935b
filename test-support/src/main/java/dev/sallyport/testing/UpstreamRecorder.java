package dev.sallyport.testing;

import dev.sallyport.testing.UpstreamRequest.Header;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.HttpConversionUtil;
import java.util.List;
import java.util.function.Supplier;

/** Writes each request down before anything is done with it. */
final class UpstreamRecorder extends ChannelInboundHandlerAdapter {
    private static final String ADDED_BY_NETTY = "x-http2-";

    private final UpstreamConnection connection;
    private final UpstreamRecord recorded;
    private final Supplier<String> rawHead;

    UpstreamRecorder(UpstreamConnection connection, UpstreamRecord recorded, Supplier<String> rawHead) {
        this.connection = connection;
        this.recorded = recorded;
        this.rawHead = rawHead;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpRequest request) {
            recorded.add(record(request));
        }
        super.channelRead(context, message);
    }

    private UpstreamRequest record(HttpRequest request) {
        boolean http2 = request.headers().contains(HttpConversionUtil.ExtensionHeaderNames.SCHEME.text());
        List<Header> headers = request.headers().entries().stream()
                .filter(entry -> !entry.getKey().startsWith(ADDED_BY_NETTY))
                .filter(entry -> !(http2 && entry.getKey().equals("host")))
                .filter(entry -> !(http2 && entry.getKey().equals("transfer-encoding")))
                .map(entry -> new Header(entry.getKey(), entry.getValue()))
                .toList();
        return new UpstreamRequest(
                connection,
                request.method().name(),
                request.uri(),
                request.headers().get(HttpHeaderNames.HOST, ""),
                http2 ? "HTTP/2" : "HTTP/1.1",
                headers,
                rawHead.get());
    }
}
