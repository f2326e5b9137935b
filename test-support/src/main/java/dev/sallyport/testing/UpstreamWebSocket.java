package dev.sallyport.testing;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;

/** Sends every WebSocket frame back. */
// What Netty could not write it reports by closing the channel, and that the client sees.
@SuppressWarnings("FutureReturnValueIgnored")
final class UpstreamWebSocket extends SimpleChannelInboundHandler<WebSocketFrame> {
    static void accept(ChannelHandlerContext context, HttpRequest head) {
        WebSocketServerHandshaker handshaker =
                new WebSocketServerHandshakerFactory("/ws", null, false).newHandshaker(head);
        if (handshaker == null) {
            WebSocketServerHandshakerFactory.sendUnsupportedVersionResponse(context.channel());
            return;
        }
        ChannelPipeline pipeline = context.pipeline();
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(head.protocolVersion(), head.method(), head.uri());
        request.headers().set(head.headers());
        handshaker.handshake(context.channel(), request);
        pipeline.addLast(new UpstreamWebSocket());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        context.writeAndFlush(frame.retain());
        if (frame instanceof CloseWebSocketFrame) {
            context.close();
        }
    }
}
