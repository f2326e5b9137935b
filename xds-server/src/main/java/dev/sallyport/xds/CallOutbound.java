package dev.sallyport.xds;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A gRPC call as the way to a sidecar. */
final class CallOutbound implements SidecarStream.Outbound {
    /** How long a sidecar may take to read that its stream is at its end. */
    private static final int LINGER_SECONDS = 5;

    private final ServerCall<DeltaRequest, DeltaResponse> call;
    private final StreamServices services;
    private final Runnable cut;
    private boolean started;
    private boolean over;
    private @Nullable Future<?> deadline;

    /**
     * @param cut ends the connection
     */
    CallOutbound(ServerCall<DeltaRequest, DeltaResponse> call, StreamServices services, Runnable cut) {
        this.call = call;
        this.services = services;
        this.cut = cut;
        call.setOnReadyThreshold(services.limits().maxResponseBytes());
    }

    @Override
    public boolean isReady() {
        return call.isReady();
    }

    @Override
    public void send(DeltaResponse response) {
        start();
        call.sendMessage(response);
    }

    /** Headers go with the first response, so that a refusal after the first request is still the first thing that the sidecar hears. */
    private void start() {
        if (!started) {
            started = true;
            call.sendHeaders(new Metadata());
        }
    }

    @Override
    public void requestNext() {
        call.request(1);
    }

    /** The end is sent after everything that was sent before; a sidecar that does not read that far is cut off. */
    @Override
    public void close(Status status) {
        if (!call.isCancelled()) {
            call.close(status, new Metadata());
            expectEnd();
        }
    }

    private synchronized void expectEnd() {
        if (!over) {
            try {
                deadline = services.timer().schedule(cut, LINGER_SECONDS, TimeUnit.SECONDS);
            } catch (RejectedExecutionException atShutdown) {
                cut.run();
            }
        }
    }

    @Override
    public void cut() {
        cut.run();
    }

    /** The call is at its end for gRPC too. From any thread. */
    synchronized void over() {
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
    }
}
