package dev.sallyport.xds;

import dev.sallyport.identity.TokenVerifier;
import dev.sallyport.identity.WorkloadIdentity;
import dev.sallyport.snapshot.Snapshots;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.buffer.PooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves every sidecar the resources of the workload that its token proves, by delta ADS over TLS. Thread-safe. */
public final class XdsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(XdsServer.class);
    private static final int KEEPALIVE_SECONDS = 30;
    private static final int KEEPALIVE_TIMEOUT_SECONDS = 10;

    /** Envoy pings every 30 s; a ping more often than this ends the connection. */
    private static final int PERMITTED_PING_SECONDS = 10;

    private static final int IDLE_SECONDS = 60;
    private static final int MOST_CALLS_PER_CONNECTION = 8;
    /** gRPC would answer a request over its limit with a stack trace in our log; up to this many times ours, the stream itself answers. */
    private static final int MESSAGE_FACTOR = 2;

    private static final int MOST_METADATA_BYTES = 16 << 10;
    private static final int WINDOW_BYTES = 128 << 10;
    private static final int MOST_RESETS = 50;
    private static final int RESET_WINDOW_SECONDS = 30;

    private final XdsServerConfig config;
    private final Supplier<TlsIdentity> identity;
    private final SidecarRegistry sidecars = new SidecarRegistry();
    private final ExecutorService pool;
    private final ScheduledThreadPoolExecutor timer;
    private final EventLoopGroup loops;
    private final HandshakeGuard guard;
    private final Connections connections = new Connections();
    private final PooledByteBufAllocator buffers = new PooledByteBufAllocator(true);
    private final AdsService service;
    private @Nullable Server server;

    /**
     * @param identity asked at every handshake; must return at once
     * @param clock for token expiry and status; durations do not follow its jumps
     */
    public XdsServer(
            XdsServerConfig config,
            Snapshots snapshots,
            TokenVerifier tokens,
            Supplier<TlsIdentity> identity,
            MeterRegistry meters,
            Clock clock) {
        this(config, snapshots, tokens, identity, meters, clock, new HeapUse()::share);
    }

    /**
     * @param heapUse how full the heap is, 0 to 1
     */
    XdsServer(
            XdsServerConfig config,
            Snapshots snapshots,
            TokenVerifier tokens,
            Supplier<TlsIdentity> identity,
            MeterRegistry meters,
            Clock clock,
            DoubleSupplier heapUse) {
        this.config = config;
        this.identity = identity;
        int processors = Runtime.getRuntime().availableProcessors();
        this.pool = pool(Math.max(4, processors));
        this.timer = new ScheduledThreadPoolExecutor(1, Threads.named("xds-timer"));
        this.timer.setRemoveOnCancelPolicy(true);
        this.loops = new MultiThreadIoEventLoopGroup(
                Math.max(2, processors), Threads.named("xds-io"), NioIoHandler.newFactory());
        LargeResponses large = new LargeResponses(config.largeResponses(), timer, System::nanoTime);
        XdsMetrics metrics = new XdsMetrics(meters, sidecars);
        metrics.held(connections::count, buffers::pinnedDirectMemory, large::bytes);
        this.guard = new HandshakeGuard(config.connections(), metrics, timer, System::nanoTime);
        StreamServices services = new StreamServices(
                snapshots, config.streams(), large, pool, timer, sidecars, metrics, clock, System::nanoTime);
        this.service = new AdsService(
                new Admission(snapshots, tokens, sidecars, config.connections(), heapUse),
                services,
                guard,
                connections);
    }

    /** What comes after {@link #close} has nobody left to serve. */
    private static ExecutorService pool(int workers) {
        return new ThreadPoolExecutor(
                workers,
                workers,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Threads.named("xds"),
                new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Starts to listen. Call once. */
    public synchronized void start() throws IOException {
        server = NettyServerBuilder.forAddress(config.listen())
                .channelFactory(() -> new GuardedServerSocket(guard, connections))
                .withChildOption(ChannelOption.ALLOCATOR, buffers)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .executor(pool)
                .sslContext(tls())
                .maxInboundMessageSize(MESSAGE_FACTOR * config.streams().maxRequestBytes())
                .maxInboundMetadataSize(MOST_METADATA_BYTES)
                .flowControlWindow(WINDOW_BYTES)
                .maxConcurrentCallsPerConnection(MOST_CALLS_PER_CONNECTION)
                .maxRstFramesPerWindow(MOST_RESETS, RESET_WINDOW_SECONDS)
                .maxConnectionIdle(IDLE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveTime(PERMITTED_PING_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addStreamTracerFactory(GrpcLimit.FACTORY)
                .addService(service.definition())
                .build()
                .start();
        LOG.info("serving sidecars on {}", server.getListenSockets());
    }

    private SslContext tls() throws IOException {
        return GrpcSslContexts.configure(SslContextBuilder.forServer(new ReloadingKeyManager(identity)))
                .protocols("TLSv1.3", "TLSv1.2")
                .build();
    }

    /** The port it listens on, once started. */
    public synchronized int port() {
        if (server == null) {
            throw new IllegalStateException("the xDS server is not started");
        }
        return server.getPort();
    }

    /** The sidecars that are connected now. */
    public SidecarRegistry sidecars() {
        return sidecars;
    }

    /** Ends the streams of identities that are not valid any more, such as those of Pods that are gone. */
    public void closeStreams(Predicate<WorkloadIdentity> revoked) {
        for (SidecarStream stream : sidecars.streams()) {
            if (revoked.test(stream.identity())) {
                stream.end(StreamEnd.IDENTITY_REVOKED);
            }
        }
    }

    /** Takes no new streams, ends those there are, and waits for them, at most the grace period. */
    @Override
    public synchronized void close() {
        if (server != null) {
            server.shutdown();
            sidecars.streams().forEach(stream -> stream.end(StreamEnd.SHUT_DOWN));
            awaitEnd(server);
        }
        pool.shutdown();
        awaitPool();
        // The port is free only when the loop that listened has let go of it.
        long grace = config.shutdownGrace().toMillis();
        loops.shutdownGracefully(0, grace, TimeUnit.MILLISECONDS).awaitUninterruptibly(grace, TimeUnit.MILLISECONDS);
        timer.shutdownNow();
    }

    private void awaitEnd(Server stopping) {
        try {
            if (!stopping.awaitTermination(config.shutdownGrace().toMillis(), TimeUnit.MILLISECONDS)) {
                stopping.shutdownNow();
            }
        } catch (InterruptedException e) {
            stopping.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** A stream that is still being answered needs its connection's loop. */
    private void awaitPool() {
        try {
            boolean unused = pool.awaitTermination(config.shutdownGrace().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
