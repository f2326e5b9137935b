package dev.sallyport.xds;

import dev.sallyport.bootstrap.EnvoyVersion;
import dev.sallyport.identity.WorkloadIdentity;
import dev.sallyport.snapshot.ResourceType;
import io.grpc.Status;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
    private final RequestPace pace;
    private final ResponseWriter writer;
    private final SnapshotFeed snapshots;

    private @Nullable StreamState state;
    private volatile SidecarStatus status;
    private boolean closed;
    private boolean converged;
    private long targetSince;

    /** The way to the sidecar. Used from one thread at a time. */
    interface Outbound {
        /** Whether a response would be written at once. */
        boolean isReady();

        void send(DeltaResponse response);

        /** Lets the next request come. */
        void requestNext();

        /** Ends the stream when the sidecar has read what was sent before. */
        void close(Status status);

        /** Ends the connection, and frees what the sidecar has not read. */
        void cut();
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
        this.pace = new RequestPace(services.limits(), now);
        this.writer = new ResponseWriter(
                out, services, services.largeResponses().place(this::wake, () -> end(StreamEnd.STALLED)));
        this.snapshots = new SnapshotFeed(services.snapshots(), identity.workload(), this::wake);
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

    private void wake() {
        serial.execute(() -> guarded(this::pump));
    }

    /** There is no stream any more: the other end is gone, or gRPC ended it. */
    void onClosed(StreamEnd why) {
        serial.run(() -> release(why, why.status()));
    }

    /** Ends the stream; returns at once. */
    void end(StreamEnd end) {
        serial.execute(() -> close(end, end.status()));
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
        if (pace.mayReadOn(now)) {
            out.requestNext();
        } else {
            services.metrics().throttled();
        }
    }

    /** Null when the sidecar is refused. */
    private @Nullable StreamState open(@Nullable SidecarNode reported) {
        FirstRequest first = FirstRequest.of(reported);
        if (first instanceof FirstRequest.Served served) {
            return open(served);
        }
        FirstRequest.Refused refused = (FirstRequest.Refused) first;
        services.metrics().refused(refused.end().label());
        close(refused.end(), refused.end().status().withDescription(refused.why()));
        return null;
    }

    private StreamState open(FirstRequest.Served first) {
        SidecarNode node = first.node();
        StreamState opened = new StreamState(services.limits(), first.ports(), snapshots.open());
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
            if (pace.isOver(now)) {
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
        while (!next.isEmpty() && writer.send(current, next, now)) {
            next = current.next(now);
        }
        writer.settle();
        publish(current, now);
        clock.arm(current, now, pace.nanosToNext(now));
    }

    private void takeNewest(StreamState current) {
        snapshots.newerThan(current.target()).ifPresent(newest -> {
            current.target(newest);
            targetSince = services.nanos().getAsLong();
            converged = false;
        });
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
            if (end == StreamEnd.STALLED) {
                out.cut();
            }
            release(end, with);
        }
    }

    private void release(StreamEnd end, Status with) {
        if (closed) {
            return;
        }
        closed = true;
        clock.stop();
        writer.close();
        snapshots.close();
        services.sidecars().remove(this);
        services.metrics().ended(end);
        if (end.isToBeTold()) {
            LOG.warn("{} of {} is let go: {}", identity.sidecar(), identity.workload(), with.getDescription());
        }
    }
}
