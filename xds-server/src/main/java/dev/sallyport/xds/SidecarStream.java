package dev.sallyport.xds;

import com.google.protobuf.ByteString;
import dev.sallyport.bootstrap.EnvoyVersion;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.identity.WorkloadIdentity;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.Snapshots;
import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.snapshot.WorkloadSnapshot;
import io.grpc.Status;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One sidecar's stream from its acceptance to its end. Everything that happens to it (a request, a snapshot, room to write, time) runs one after the other on its {@link SerialExecutor}, and each time as much is sent as the
 * state and the connection allow.
 */
final class SidecarStream {
    private static final Logger LOG = LoggerFactory.getLogger(SidecarStream.class);

    private final WorkloadIdentity identity;
    private final StreamServices services;
    private final Outbound out;
    private final SerialExecutor serial;
    private final StreamClock clock;
    private final TokenBucket requests;
    private final AtomicReference<@Nullable WorkloadSnapshot> arrived = new AtomicReference<>();

    private @Nullable StreamState state;
    private Snapshots.@Nullable AutoCloseableQuietly watch;
    private volatile SidecarStatus status;
    private boolean closed;
    private boolean throttled;
    private boolean converged;
    private long targetSince;
    private long nonce;

    /** The way to the sidecar. Used from one thread at a time. */
    interface Outbound {
        /** Whether a response would be written at once. */
        boolean isReady();

        void send(DeltaResponse response);

        /** Lets the next request come. */
        void requestNext();

        void close(Status status);
    }

    SidecarStream(WorkloadIdentity identity, StreamServices services, Outbound out) {
        long now = services.nanos().getAsLong();
        Instant since = services.clock().instant();
        this.identity = identity;
        this.services = services;
        this.out = out;
        this.serial = new SerialExecutor(services.pool());
        this.clock = new StreamClock(
                services, now, StreamClock.beforeExpiry(since, identity.expires()), () -> serial.execute(this::onTime));
        this.requests = new TokenBucket(
                services.limits().requestsPerSecond(), services.limits().requestBurst(), now);
        this.status = SidecarStatus.connecting(identity, since);
    }

    WorkloadIdentity identity() {
        return identity;
    }

    SidecarStatus status() {
        return status;
    }

    void start() {
        services.sidecars().add(this);
        serial.run(() -> guarded(() -> {
            out.requestNext();
            clock.arm(null, services.nanos().getAsLong(), Long.MAX_VALUE);
        }));
    }

    /** Takes up a request, on the calling thread if the stream is idle. */
    void onRequest(DeltaRequest request) {
        serial.run(() -> guarded(() -> handle(request)));
    }

    void onReady() {
        serial.run(() -> guarded(this::pump));
    }

    /** The other end is gone. */
    void onClosed() {
        serial.run(() -> release(StreamEnd.CLIENT_CLOSED));
    }

    /** Ends the stream; returns at once. */
    void end(StreamEnd end) {
        serial.execute(() -> close(end, end.status()));
    }

    /** Only the newest snapshot waits, however many come while the sidecar is slow. */
    private void onSnapshot(WorkloadSnapshot snapshot) {
        if (arrived.getAndSet(snapshot) == null) {
            serial.execute(() -> guarded(this::pump));
        }
    }

    @SuppressWarnings("IllegalCatch")
    private void guarded(Runnable work) {
        if (closed) {
            return;
        }
        try {
            work.run();
        } catch (RuntimeException e) {
            // Without its text, which could hold what was being sent.
            LOG.error("the stream of {} of {} failed", identity.sidecar(), identity.workload(), WithoutText.of(e));
            close(StreamEnd.FAILURE, StreamEnd.FAILURE.status());
        }
    }

    private void handle(DeltaRequest request) {
        if (request instanceof DeltaRequest.Invalid invalid) {
            close(invalid.end(), invalid.end().status().withDescription(invalid.why()));
        } else if (request instanceof DeltaRequest.Valid valid) {
            handle(valid);
        }
    }

    private void handle(DeltaRequest.Valid request) {
        StreamState current = state != null ? state : open(request.node());
        if (current == null) {
            return;
        }
        long now = services.nanos().getAsLong();
        ResourceType.ofUrl(request.typeUrl()).ifPresent(type -> take(current, type, request, now));
        if (current.names() > services.limits().maxNames()) {
            close(
                    StreamEnd.LIMIT,
                    Status.RESOURCE_EXHAUSTED.withDescription(
                            "more than " + services.limits().maxNames() + " resource names on one stream"));
            return;
        }
        awaitNextRequest(now);
        pump();
    }

    private void take(StreamState current, ResourceType type, DeltaRequest.Valid request, long now) {
        Optional<Reply> reply = current.request(type, cleaned(type, request), now);
        if (reply.isPresent()) {
            services.metrics().replied(type, reply.get(), now);
            if (!reply.get().acknowledged()) {
                LOG.warn(
                        "{} of {} rejected a response of type {}: {}",
                        identity.sidecar(),
                        identity.workload(),
                        type,
                        RejectionText.of(type, String.valueOf(request.error())));
            }
        }
    }

    private static DeltaRequest.Valid cleaned(ResourceType type, DeltaRequest.Valid request) {
        String error = request.error();
        return error == null ? request : request.withError(RejectionText.of(type, error));
    }

    /** Reads on, or lets the sidecar wait: what it sends meanwhile stays in its own buffers. */
    private void awaitNextRequest(long now) {
        if (requests.tryTake(now)) {
            out.requestNext();
        } else {
            throttled = true;
            services.metrics().throttled();
        }
    }

    /** The first request decides what the stream is; null when it is refused. */
    private @Nullable StreamState open(@Nullable SidecarNode reported) {
        SidecarNode node = reported == null ? SidecarNode.UNKNOWN : reported;
        EnvoyVersion version = node.envoy().orElse(EnvoyVersion.OLDEST_SUPPORTED);
        if (version.compareTo(EnvoyVersion.OLDEST_SUPPORTED) < 0) {
            refuse(
                    StreamEnd.ENVOY_TOO_OLD,
                    "Envoy " + version + " is not supported (expected: " + EnvoyVersion.OLDEST_SUPPORTED
                            + " or newer)");
            return null;
        }
        SidecarPorts ports;
        try {
            ports = SidecarPorts.fromMetadata(node.metadata());
        } catch (IllegalArgumentException e) {
            refuse(StreamEnd.BAD_REQUEST, "node.metadata: " + Printable.text(String.valueOf(e.getMessage()), 256));
            return null;
        }
        return open(node, ports);
    }

    private void refuse(StreamEnd end, String why) {
        LOG.warn("{} of {} is refused: {}", identity.sidecar(), identity.workload(), why);
        services.metrics().refused(end.label());
        close(end, end.status().withDescription(why));
    }

    private StreamState open(SidecarNode node, SidecarPorts ports) {
        watch = services.snapshots().watch(identity.workload(), this::onSnapshot);
        WorkloadSnapshot first = services.snapshots().current(identity.workload());
        StreamState opened = new StreamState(services.limits(), ports, first);
        state = opened;
        targetSince = services.nanos().getAsLong();
        status = status.reported(node).progressed(opened, List.of());
        LOG.info(
                "{} of {} connected: node {}, Envoy {}",
                identity.sidecar(),
                identity.workload(),
                node.id(),
                node.envoy().map(EnvoyVersion::toString).orElse("of unknown version"));
        return opened;
    }

    /** What the timer does. */
    void onTime() {
        guarded(() -> {
            long now = services.nanos().getAsLong();
            Optional<StreamEnd> end = clock.end(state, now);
            if (end.isPresent()) {
                close(end.get(), end.get().status());
                return;
            }
            if (throttled && requests.tryTake(now)) {
                throttled = false;
                out.requestNext();
            }
            pump();
        });
    }

    /** Sends whatever may be sent. */
    private void pump() {
        StreamState current = state;
        if (current == null) {
            return;
        }
        takeNewest(current);
        long now = services.nanos().getAsLong();
        List<Push> next = current.next(now);
        while (!next.isEmpty() && out.isReady()) {
            sendWhileReady(current, next, now);
            next = current.next(now);
        }
        publish(current, now);
        clock.arm(current, now, throttled ? requests.nanosToNext(now) : Long.MAX_VALUE);
    }

    private void sendWhileReady(StreamState current, List<Push> pushes, long now) {
        for (Push push : pushes) {
            if (!out.isReady()) {
                return;
            }
            send(current, push, now);
        }
    }

    private void takeNewest(StreamState current) {
        WorkloadSnapshot newest = arrived.getAndSet(null);
        if (newest != null && !newest.revision().equals(current.target().revision())) {
            current.target(newest);
            targetSince = services.nanos().getAsLong();
            converged = false;
        }
    }

    private void send(StreamState current, Push push, long now) {
        nonce++;
        List<ByteString> resources =
                push.resources().stream().map(VersionedResource::bytes).toList();
        DeltaResponse response = new DeltaResponse(
                push.type(), current.target().revision(), Long.toString(nonce), resources, push.removed());
        current.sent(push, response.nonce(), now);
        services.metrics().sent(push, DeltaResponseMarshaller.size(response));
        LOG.debug("{} of {}: {}", identity.sidecar(), identity.workload(), response);
        out.send(response);
    }

    private void publish(StreamState current, long now) {
        if (current.isComplete() && !converged) {
            converged = true;
            services.metrics().converged(now - targetSince);
        }
        status = status.progressed(
                current, Rejections.of(current, services.clock().instant(), now));
    }

    private void close(StreamEnd end, Status with) {
        if (!closed) {
            out.close(with);
            release(end);
        }
    }

    private void release(StreamEnd end) {
        if (closed) {
            return;
        }
        closed = true;
        clock.stop();
        if (watch != null) {
            watch.close();
        }
        services.sidecars().remove(this);
        services.metrics().ended(end);
        LOG.debug("stream of {} of {} ended: {}", identity.sidecar(), identity.workload(), end);
    }
}
