package dev.sallyport.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.handler.stream.ChunkedStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream answers, by path:
 *
 * <ul>
 *   <li>{@code /status?c=N}: that status, with {@code retry-after} and {@code location} of another host
 *   <li>{@code /never}: nothing; {@code /abort}: closes the connection when the request is complete
 *   <li>{@code /sse?n=N&ms=M}: N events, one every M ms (n=0: without end)
 *   <li>{@code /down?mib=N}: N MiB of {@link TestContent}; {@code /up}: length and SHA-256 of what came
 *   <li>{@code /headers}: what a sidecar must take away; {@code /trailers}: with a trailer; {@code /request-trailers}: those that came
 *   <li>{@code /ws}: echoes WebSocket frames; {@code /grpc.health.v1.Health/Check}: SERVING
 *   <li>what {@link UpstreamRepositories} knows: that
 *   <li>everything else: the request as text
 * </ul>
 */
// What Netty could not write it reports by closing the channel, and that the client sees.
@SuppressWarnings("FutureReturnValueIgnored")
final class UpstreamAnswers extends SimpleChannelInboundHandler<HttpObject> {
    /** An event on the channel: the next bytes are those of another request. */
    static final Object ANSWERED = new Object();

    private final MessageDigest digest = sha256();
    private @Nullable HttpRequest request;
    private long received;

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message instanceof HttpRequest head) {
            request = head;
            received = 0;
            digest.reset();
            if (path(head).equals("/ws")) {
                request = null;
                UpstreamWebSocket.accept(context, head);
                return;
            }
        }
        HttpRequest current = request;
        if (current != null && message instanceof HttpContent content) {
            received += content.content().readableBytes();
            digest.update(content.content().nioBuffer());
            if (content instanceof LastHttpContent last) {
                request = null;
                answer(context, current, last);
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    private void answer(ChannelHandlerContext context, HttpRequest head, LastHttpContent last) {
        switch (path(head)) {
            case "/status" -> send(context, head, status(number(head, "c", 200)));
            case "/never" -> {}
            case "/abort" ->
                (context.channel().parent() != null && isHttp2(head)
                                ? context.channel().parent()
                                : context.channel())
                        .close();
            case "/sse" -> serverSentEvents(context, head);
            case "/down" -> download(context, head);
            case "/up" ->
                send(context, head, text(received + " " + HexFormat.of().formatHex(digest.digest()) + "\n"));
            case "/headers" -> send(context, head, misleadingHeaders());
            case "/trailers" -> trailers(context, head);
            case "/request-trailers" ->
                send(context, head, text(last.trailingHeaders().entries() + "\n"));
            case "/grpc.health.v1.Health/Check" -> grpcServing(context, head);
            default ->
                send(
                        context,
                        head,
                        UpstreamRepositories.document(path(head))
                                .map(UpstreamAnswers::document)
                                .orElseGet(() -> text(echo(head))));
        }
    }

    private static FullHttpResponse status(int code) {
        FullHttpResponse response = text(code == 204 || code == 304 ? "" : "status " + code + "\n");
        response.setStatus(HttpResponseStatus.valueOf(code));
        response.headers().set("retry-after", "7").set("location", "https://other.example/elsewhere");
        return response;
    }

    private static FullHttpResponse misleadingHeaders() {
        FullHttpResponse response = text("ok\n");
        response.headers()
                .set("Alt-Svc", "h3=\":443\"; ma=3600")
                .set("X-Sallyport-Reason", "forged")
                .set("X-Sallyport-Policy", "forged")
                .set("X-Envoy-Upstream-Service-Time", "7")
                .set("X-Own", "kept");
        return response;
    }

    private static void serverSentEvents(ChannelHandlerContext context, HttpRequest head) {
        start(context, head, "text/event-stream");
        event(context, head, 0);
    }

    private static void event(ChannelHandlerContext context, HttpRequest head, int index) {
        int wanted = number(head, "n", 3);
        if (!context.channel().isActive()) {
            return;
        }
        if (wanted > 0 && index == wanted) {
            end(context, head, LastHttpContent.EMPTY_LAST_CONTENT);
            return;
        }
        context.writeAndFlush(new DefaultHttpContent(bytes("data: " + index + "\n\n")));
        context.executor()
                .schedule(() -> event(context, head, index + 1), number(head, "ms", 100), TimeUnit.MILLISECONDS);
    }

    private static void download(ChannelHandlerContext context, HttpRequest head) {
        start(context, head, "application/octet-stream");
        HttpChunkedInput body = new HttpChunkedInput(
                new ChunkedStream(TestContent.stream((long) number(head, "mib", 1) << 20), 1 << 16));
        finish(context, head, context.writeAndFlush(body));
    }

    private static void trailers(ChannelHandlerContext context, HttpRequest head) {
        start(context, head, "text/plain");
        context.write(new DefaultHttpContent(bytes("body\n")));
        LastHttpContent last = new DefaultLastHttpContent();
        last.trailingHeaders().set("x-trailer", "came");
        end(context, head, last);
    }

    private static void grpcServing(ChannelHandlerContext context, HttpRequest head) {
        start(context, head, "application/grpc");
        context.write(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0, 2, 8, 1})));
        LastHttpContent last = new DefaultLastHttpContent();
        last.trailingHeaders().set("grpc-status", "0");
        end(context, head, last);
    }

    private static String echo(HttpRequest head) {
        StringBuilder text = new StringBuilder()
                .append(head.method())
                .append(' ')
                .append(head.uri())
                .append('\n');
        for (Map.Entry<String, String> header : head.headers()) {
            text.append(header.getKey()).append(": ").append(header.getValue()).append('\n');
        }
        return text.toString();
    }

    private static void start(ChannelHandlerContext context, HttpRequest head, String type) {
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        context.write(withStream(head, response));
    }

    private static void end(ChannelHandlerContext context, HttpRequest head, LastHttpContent last) {
        finish(context, head, context.writeAndFlush(last));
    }

    private static void send(ChannelHandlerContext context, HttpRequest head, FullHttpResponse response) {
        if (head.method().name().equals("HEAD")) {
            response.content().clear();
        }
        finish(context, head, context.writeAndFlush(withStream(head, response)));
    }

    private static void finish(ChannelHandlerContext context, HttpRequest head, ChannelFuture written) {
        written.addListener(done -> context.pipeline().fireUserEventTriggered(ANSWERED));
        if (!isHttp2(head) && head.headers().containsValue(HttpHeaderNames.CONNECTION, "close", true)) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static HttpResponse withStream(HttpRequest head, HttpResponse response) {
        String stream = head.headers().get(HttpConversionUtil.ExtensionHeaderNames.STREAM_ID.text());
        if (stream != null) {
            response.headers().set(HttpConversionUtil.ExtensionHeaderNames.STREAM_ID.text(), stream);
        }
        return response;
    }

    private static FullHttpResponse document(UpstreamRepositories.Document document) {
        FullHttpResponse response = text(document.body());
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, document.type());
        return response;
    }

    private static FullHttpResponse text(String body) {
        ByteBuf content = bytes(body);
        FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, content);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                .set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        return response;
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private static boolean isHttp2(HttpRequest head) {
        return head.headers().contains(HttpConversionUtil.ExtensionHeaderNames.SCHEME.text());
    }

    private static String path(HttpRequest head) {
        return new QueryStringDecoder(head.uri()).rawPath();
    }

    private static int number(HttpRequest head, String name, int otherwise) {
        List<String> values = new QueryStringDecoder(head.uri()).parameters().getOrDefault(name, List.of());
        return values.isEmpty() ? otherwise : Integer.parseInt(values.get(0));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
