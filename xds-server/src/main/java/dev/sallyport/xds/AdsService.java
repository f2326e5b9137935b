package dev.sallyport.xds;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The aggregated discovery service, in its delta form only. Made by hand rather than generated, so that requests are read without their node's extensions and resources are written as the bytes they were serialised to once.
 */
final class AdsService implements ServerCallHandler<DeltaRequest, DeltaResponse> {
    private static final Logger LOG = LoggerFactory.getLogger(AdsService.class);
    private static final String NAME = "envoy.service.discovery.v3.AggregatedDiscoveryService";

    private final Admission admission;
    private final StreamServices services;
    private final HandshakeGuard guard;

    AdsService(Admission admission, StreamServices services, HandshakeGuard guard) {
        this.admission = admission;
        this.services = services;
        this.guard = guard;
    }

    /** The other method of the service, {@code StreamAggregatedResources}, is not there: gRPC answers {@code UNIMPLEMENTED}. */
    ServerServiceDefinition definition() {
        StreamLimits limits = services.limits();
        MethodDescriptor<DeltaRequest, DeltaResponse> delta = MethodDescriptor.<DeltaRequest, DeltaResponse>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, "DeltaAggregatedResources"))
                .setRequestMarshaller(new DeltaRequestMarshaller(limits.maxRequestBytes(), limits.maxNames()))
                .setResponseMarshaller(new DeltaResponseMarshaller())
                .build();
        return ServerServiceDefinition.builder(NAME).addMethod(delta, this).build();
    }

    @Override
    public ServerCall.Listener<DeltaRequest> startCall(ServerCall<DeltaRequest, DeltaResponse> call, Metadata headers) {
        Admission.Decision decision = admission.decide(headers);
        if (decision instanceof Admission.Decision.Admitted admitted) {
            showedToken(call);
            SidecarStream stream = new SidecarStream(admitted.identity(), services, new CallOutbound(call));
            stream.start();
            return new StreamListener(stream);
        }
        Admission.Decision.Refused refused = (Admission.Decision.Refused) decision;
        if (refused.proven()) {
            showedToken(call);
        }
        services.metrics().refused(refused.code());
        LOG.debug("refused {}: {}", remote(call), refused.status());
        call.close(refused.status(), new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private void showedToken(ServerCall<?, ?> call) {
        SocketAddress remote = remote(call);
        if (remote != null) {
            guard.release(remote);
        }
    }

    private static @Nullable SocketAddress remote(ServerCall<?, ?> call) {
        return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    }

    /** Hands what gRPC reports to the stream. */
    private static final class StreamListener extends ServerCall.Listener<DeltaRequest> {
        private final SidecarStream stream;

        StreamListener(SidecarStream stream) {
            this.stream = stream;
        }

        @Override
        public void onMessage(DeltaRequest request) {
            stream.onRequest(request);
        }

        @Override
        public void onReady() {
            stream.onReady();
        }

        @Override
        public void onHalfClose() {
            stream.end(StreamEnd.CLIENT_CLOSED);
        }

        @Override
        public void onCancel() {
            stream.onClosed();
        }
    }

    private static final class CallOutbound implements SidecarStream.Outbound {
        private final ServerCall<DeltaRequest, DeltaResponse> call;
        private boolean started;

        CallOutbound(ServerCall<DeltaRequest, DeltaResponse> call) {
            this.call = call;
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

        @Override
        public void close(Status status) {
            if (!call.isCancelled()) {
                call.close(status, new Metadata());
            }
        }
    }
}
