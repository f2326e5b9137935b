package dev.sallyport.xds;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Decides at accept, before a byte of TLS, whether a connection may try. One client cannot take the handshakes of a fleet that reconnects: each source address has so many a second, and all connections that have not shown a
 * token share one limit and have little time. Thread-safe.
 */
final class HandshakeGuard {
    private static final int MOST_ADDRESSES = 16_384;
    private static final int NETWORK_BYTES = 8;
    private static final Object ALL_OTHERS = new Object();

    private final ConnectionLimits limits;
    private final XdsMetrics metrics;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanos;
    private final Map<Object, TokenBucket> bySource = new ConcurrentHashMap<>();
    private final Map<SocketAddress, Future<?>> withoutToken = new ConcurrentHashMap<>();

    HandshakeGuard(ConnectionLimits limits, XdsMetrics metrics, ScheduledExecutorService timer, LongSupplier nanos) {
        this.limits = limits;
        this.metrics = metrics;
        this.timer = timer;
        this.nanos = nanos;
    }

    /**
     * Whether a connection may go on. One that may has to show a token in time.
     *
     * @param remote its address and port, by which it is known from now on
     * @param close closes it
     */
    boolean admit(InetSocketAddress remote, Runnable close) {
        if (!hasTurn(source(remote.getAddress()))) {
            metrics.connectionRefused("rate");
            return false;
        }
        if (withoutToken.size() >= limits.maxWithoutToken()) {
            metrics.connectionRefused("too_many");
            return false;
        }
        return expectToken(remote, close);
    }

    private boolean expectToken(InetSocketAddress remote, Runnable close) {
        try {
            Future<?> deadline = timer.schedule(
                    () -> tooLate(remote, close), limits.tokenTimeout().toNanos(), TimeUnit.NANOSECONDS);
            Future<?> before = withoutToken.put(remote, deadline);
            if (before != null) {
                before.cancel(false);
            }
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void tooLate(SocketAddress remote, Runnable close) {
        if (withoutToken.remove(remote) != null) {
            metrics.connectionRefused("no_token");
            close.run();
        }
    }

    /** The connection showed a valid token. */
    void release(SocketAddress remote) {
        boolean unused = forget(remote);
    }

    /** The connection is gone. */
    void gone(SocketAddress remote) {
        if (forget(remote)) {
            metrics.connectionRefused("gone");
        }
    }

    /** Whether the connection had not shown a token yet. */
    private boolean forget(SocketAddress remote) {
        Future<?> deadline = withoutToken.remove(remote);
        if (deadline != null) {
            deadline.cancel(false);
        }
        return deadline != null;
    }

    int waiting() {
        return withoutToken.size();
    }

    private boolean hasTurn(Object source) {
        long now = nanos.getAsLong();
        Object key = bySource.containsKey(source) || hasRoom(now) ? source : ALL_OTHERS;
        boolean[] turn = new boolean[1];
        bySource.compute(key, (same, bucket) -> {
            TokenBucket tokens = bucket == null
                    ? new TokenBucket(limits.handshakesPerSecond(), limits.handshakeBurst(), now)
                    : bucket;
            turn[0] = tokens.tryTake(now);
            return tokens;
        });
        return turn[0];
    }

    /** Addresses whose bucket is full again need not be remembered. */
    private boolean hasRoom(long now) {
        if (bySource.size() >= MOST_ADDRESSES) {
            bySource.keySet()
                    .forEach(key ->
                            bySource.computeIfPresent(key, (same, bucket) -> bucket.isFull(now) ? null : bucket));
        }
        return bySource.size() < MOST_ADDRESSES;
    }

    /** A host may have every address of an IPv6 /64. */
    private static Object source(InetAddress address) {
        return address instanceof Inet6Address
                ? Long.valueOf(
                        ByteBuffer.wrap(address.getAddress(), 0, NETWORK_BYTES).getLong())
                : address;
    }
}
