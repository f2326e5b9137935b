package dev.sallyport.xds;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The open connections, so that one can be cut whose other end reads nothing: the end of a stream would wait behind everything that it has not read. Thread-safe. */
final class Connections {
    private final Map<SocketAddress, Channel> byRemote = new ConcurrentHashMap<>();

    void add(SocketAddress remote, Channel connection) {
        byRemote.put(remote, connection);
        ChannelFuture unused = connection.closeFuture().addListener(closed -> byRemote.remove(remote, connection));
    }

    /** Cuts the connection from there, if there is one, and frees what waits on it. */
    void cut(SocketAddress remote) {
        Channel connection = byRemote.get(remote);
        if (connection != null) {
            cut(connection);
        }
    }

    /** At once: past HTTP/2, which would first wait for its streams to end. */
    static void cut(Channel connection) {
        connection.eventLoop().execute(() -> connection.unsafe().close(connection.newPromise()));
    }

    int count() {
        return byRemote.size();
    }
}
