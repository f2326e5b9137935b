package dev.sallyport.xds;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
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
    private final Connections connections;

    AdsService(Admission admission, StreamServices services, HandshakeGuard guard, Connections connections) {
        this.admission = admission;
        this.services = services;
        this.guard = guard;
        this.connections = connections;
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
            CallOutbound out = new CallOutbound(call, services, () -> cut(call));
            SidecarStream stream = new SidecarStream(admitted.identity(), services, out);
            stream.start();
            return new StreamListener(stream, out, GrpcLimit.current());
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

    private void cut(ServerCall<?, ?> call) {
        SocketAddress remote = remote(call);
        if (remote != null) {
            connections.cut(remote);
        }
    }

    private static @Nullable SocketAddress remote(ServerCall<?, ?> call) {
        return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    }

    /** Hands what gRPC reports to the stream. */
    private static final class StreamListener extends ServerCall.Listener<DeltaRequest> {
        private final SidecarStream stream;
        private final CallOutbound out;
        private final GrpcLimit limit;

        StreamListener(SidecarStream stream, CallOutbound out, GrpcLimit limit) {
            this.stream = stream;
            this.out = out;
            this.limit = limit;
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
        public void onComplete() {
            out.over();
        }

        @Override
        public void onCancel() {
            out.over();
            stream.onClosed(limit.end());
        }
    }
}
