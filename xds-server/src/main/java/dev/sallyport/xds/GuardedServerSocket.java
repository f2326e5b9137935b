package dev.sallyport.xds;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.List;

/** A listening socket that closes the connections that its guard does not admit, before anything is set up for them. */
final class GuardedServerSocket extends NioServerSocketChannel {
    private final HandshakeGuard guard;
    private final Connections connections;

    GuardedServerSocket(HandshakeGuard guard, Connections connections) {
        this.guard = guard;
        this.connections = connections;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        // Netty calls this several times with the same list before it looks at it.
        int before = accepted.size();
        int read = super.doReadMessages(accepted);
        accepted.subList(before, accepted.size())
                .removeIf(message -> message instanceof Channel connection && !admit(connection));
        return read;
    }

    private boolean admit(Channel connection) {
        if (connection.remoteAddress() instanceof InetSocketAddress remote
                && guard.admit(remote, () -> Connections.cut(connection))) {
            connections.add(remote, connection);
            ChannelFuture unused = connection.closeFuture().addListener(closed -> guard.gone(remote));
            return true;
        }
        connection.unsafe().closeForcibly();
        return false;
    }
}
