package dev.sallyport.testing;

import dev.sallyport.testing.TestPki.ServerCertificate;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The servers of a small internet: TLS with HTTP/1.1 and HTTP/2 on every address of this machine, so that what must not be reached could be. Remembers every connection and request. What it answers
 * depends on the path: see {@link UpstreamAnswers}. Safe for use by several threads.
 */
public final class Upstream implements AutoCloseable {
    private final UpstreamTls tls;
    private final UpstreamRecord recorded = new UpstreamRecord();
    private final Set<InetAddress> withoutTls = ConcurrentHashMap.newKeySet();
    private final NioEventLoopGroup threads = new NioEventLoopGroup(2);
    private final List<Channel> listeners = new ArrayList<>();

    /**
     * @param certificates the certificate by server name, in lower case; asked once for each name
     */
    public Upstream(Function<String, ServerCertificate> certificates) {
        this.tls = new UpstreamTls(certificates);
    }

    /** Listens on these ports of all addresses. */
    public Upstream start(int... ports) throws InterruptedException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(threads)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new UpstreamChannels(tls, recorded, withoutTls::contains));
        for (int port : ports) {
            listeners.add(bootstrap.bind(port).sync().channel());
        }
        return this;
    }

    /** Connections to this address get HTTP in clear, on every port. */
    public Upstream speakClearTextOn(String address) {
        withoutTls.add(new InetSocketAddress(address, 0).getAddress());
        return this;
    }

    /** Server names from now on offered HTTP/1.1 only. */
    public Upstream offerHttp1OnlyFor(String serverName) {
        tls.offerHttp1OnlyFor(serverName);
        return this;
    }

    /** All connections so far. */
    public List<UpstreamConnection> connections() {
        return recorded.connections();
    }

    /** All requests so far. */
    public List<UpstreamRequest> requests() {
        return recorded.requests();
    }

    /** The requests so far with this value in that header. */
    public List<UpstreamRequest> requests(String header, String value) {
        return requests().stream()
                .filter(request -> request.values(header).contains(value))
                .toList();
    }

    /** How many bytes of HTTP/1.1 or of something else that is not TLS nor HTTP/2 came so far. */
    public long bytes() {
        return recorded.bytes();
    }

    @Override
    public void close() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly());
        threads.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
