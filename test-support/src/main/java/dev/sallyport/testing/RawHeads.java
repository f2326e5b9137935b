package dev.sallyport.testing;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Keeps the bytes of each request head of an HTTP/1.1 connection as they came. Relies on clients that wait for an answer before the next request. */
final class RawHeads extends ChannelInboundHandlerAdapter {
    private static final String END = "\r\n\r\n";

    private final UpstreamRecord recorded;
    private final Deque<String> complete = new ArrayDeque<>();
    private final StringBuilder current = new StringBuilder();
    private boolean inHead = true;

    RawHeads(UpstreamRecord recorded) {
        this.recorded = recorded;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof ByteBuf bytes) {
            recorded.addBytes(bytes.readableBytes());
            if (inHead) {
                collect(bytes.toString(StandardCharsets.ISO_8859_1));
            }
        }
        super.channelRead(context, message);
    }

    /** The head of the request that the codec has just decoded; from now on its body comes. */
    String take() {
        String head = complete.poll();
        return head == null ? "" : head;
    }

    /** The answer is complete: what comes next is a head. */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event == UpstreamAnswers.ANSWERED) {
            inHead = true;
        }
        super.userEventTriggered(context, event);
    }

    private void collect(String text) {
        current.append(text);
        int end = current.indexOf(END);
        if (end >= 0) {
            complete.add(current.substring(0, end));
            current.setLength(0);
            inHead = false;
        }
    }
}
