package dev.sallyport.testing;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What happens on a connection of an upstream, from the first byte to the request. */
// What Netty could not write it reports by closing the channel, and that the client sees.
@SuppressWarnings("FutureReturnValueIgnored")
final class UpstreamChannels extends ChannelInitializer<SocketChannel> {
    private static final int LARGEST_HEAD = 1 << 17;
    private static final int WINDOW = 1 << 20;

    private final UpstreamTls tls;
    private final UpstreamRecord recorded;
    private final Predicate<InetAddress> withoutTls;

    UpstreamChannels(UpstreamTls tls, UpstreamRecord recorded, Predicate<InetAddress> withoutTls) {
        this.tls = tls;
        this.recorded = recorded;
        this.withoutTls = withoutTls;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        InetSocketAddress to = channel.localAddress();
        UpstreamConnection connection = new UpstreamConnection(recorded.nextId(), to, null);
        recorded.put(connection);
        if (withoutTls.test(to.getAddress())) {
            http1(channel.pipeline(), connection);
        } else {
            channel.pipeline().addLast(new ServerName(connection));
        }
    }

    /** Notes which server the client wants, and picks its certificate. */
    private final class ServerName extends AbstractSniHandler<SslContext> {
        private final UpstreamConnection connection;

        ServerName(UpstreamConnection connection) {
            this.connection = connection;
        }

        @Override
        protected Future<SslContext> lookup(ChannelHandlerContext context, @Nullable String name) {
            return context.executor().newSucceededFuture(tls.context(name));
        }

        @Override
        protected void onLookupComplete(
                ChannelHandlerContext context, @Nullable String name, Future<SslContext> found) {
            UpstreamConnection named = connection.withSni(name);
            recorded.put(named);
            context.pipeline()
                    .addLast(found.getNow().newHandler(context.alloc()))
                    .addLast(new Protocol(named))
                    .remove(this);
        }
    }

    private final class Protocol extends ApplicationProtocolNegotiationHandler {
        private final UpstreamConnection connection;

        Protocol(UpstreamConnection connection) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.connection = connection;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext context, String protocol) {
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                http2(context.pipeline(), connection);
            } else {
                http1(context.pipeline(), connection);
            }
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private void http1(ChannelPipeline pipeline, UpstreamConnection connection) {
        RawHeads heads = new RawHeads(recorded);
        pipeline.addLast(heads)
                .addLast("codec", new HttpServerCodec(LARGEST_HEAD, LARGEST_HEAD, 1 << 16))
                .addLast(new ChunkedWriteHandler())
                .addLast(new UpstreamRecorder(connection, recorded, heads::take))
                .addLast(new UpstreamAnswers());
    }

    private void http2(ChannelPipeline pipeline, UpstreamConnection connection) {
        pipeline.addLast(Http2FrameCodecBuilder.forServer()
                        .initialSettings(Http2Settings.defaultSettings()
                                .initialWindowSize(WINDOW)
                                .maxHeaderListSize(LARGEST_HEAD))
                        .build())
                .addLast(new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline()
                                .addLast(new Http2StreamFrameToHttpObjectCodec(true))
                                .addLast(new ChunkedWriteHandler())
                                .addLast(new UpstreamRecorder(connection, recorded, () -> ""))
                                .addLast(new UpstreamAnswers());
                    }
                }));
    }
}
