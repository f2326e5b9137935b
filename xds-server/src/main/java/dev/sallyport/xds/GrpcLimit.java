package dev.sallyport.xds;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/** Tells why gRPC itself ended a stream: of one with a request over the limit of gRPC the service only hears that it is cancelled, as if the client had left. */
final class GrpcLimit extends ServerStreamTracer {
    private static final Context.Key<GrpcLimit> KEY = Context.key("grpc-limit");

    static final ServerStreamTracer.Factory FACTORY = new ServerStreamTracer.Factory() {
        @Override
        public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
            return new GrpcLimit();
        }
    };

    private volatile boolean exceeded;

    /** That of the call which is being started by this thread. */
    static GrpcLimit current() {
        return KEY.get();
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(KEY, this);
    }

    @Override
    public void streamClosed(Status status) {
        exceeded = status.getCode() == Status.Code.RESOURCE_EXHAUSTED;
    }

    /** Why a call that was cancelled is at its end. */
    StreamEnd end() {
        return exceeded ? StreamEnd.LIMIT : StreamEnd.CLIENT_CLOSED;
    }
}
