package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client made of the generated classes, so that it shares no code with the server. */
final class AdsClient implements AutoCloseable {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final int MOST_BYTES = 64 << 20;

    /** One for all clients of all tests: a fleet of them is a few threads. */
    private static final Executor EXECUTOR = Executors.newFixedThreadPool(4, task -> {
        Thread thread = new Thread(task, "ads-client");
        thread.setDaemon(true);
        return thread;
    });

    private final ManagedChannel channel;

    AdsClient(int port, String rootPem) {
        try {
            channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .overrideAuthority("xds.test")
                    .executor(EXECUTOR)
                    .maxInboundMessageSize(MOST_BYTES)
                    .sslContext(trusting(rootPem))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of a fleet: on a connection from an address of its own, with TLS settings that all of them share. */
    AdsClient(int port, SslContext tls, String from) {
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .overrideAuthority("xds.test")
                .localSocketPicker(new NettyChannelBuilder.LocalSocketPicker() {
                    @Override
                    public SocketAddress createSocketAddress(SocketAddress remote, Attributes attributes) {
                        return new InetSocketAddress(from, 0);
                    }
                })
                .executor(EXECUTOR)
                .sslContext(tls)
                .build();
    }

    /** TLS that trusts only these roots. */
    static SslContext trusting(String rootPem) throws IOException {
        return GrpcSslContexts.forClient()
                .trustManager(new ByteArrayInputStream(rootPem.getBytes(StandardCharsets.US_ASCII)))
                .build();
    }

    /** One stream, and what came on it. */
    static final class Stream implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
        final BlockingQueue<DeltaDiscoveryResponse> responses = new LinkedBlockingQueue<>();
        final CompletableFuture<Status> end = new CompletableFuture<>();
        private final boolean reads;
        private @Nullable ClientCallStreamObserver<DeltaDiscoveryRequest> call;

        Stream(boolean reads) {
            this.reads = reads;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> started) {
            call = started;
            if (!reads) {
                started.disableAutoRequestWithInitial(0);
            }
        }

        @Override
        public void onNext(DeltaDiscoveryResponse response) {
            responses.add(response);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        void send(DeltaDiscoveryRequest request) {
            if (call != null) {
                call.onNext(request);
            }
        }

        void asks(ResourceType type, String... names) {
            send(request(type, names).build());
        }

        void acks(DeltaDiscoveryResponse response) {
            send(DeltaDiscoveryRequest.newBuilder()
                    .setTypeUrl(response.getTypeUrl())
                    .setResponseNonce(response.getNonce())
                    .build());
        }

        DeltaDiscoveryResponse receives() throws InterruptedException {
            DeltaDiscoveryResponse response = responses.poll(10, TimeUnit.SECONDS);
            if (response == null) {
                throw new AssertionError("no response in 10 s" + (end.isDone() ? ": " + end.join() : ""));
            }
            return response;
        }

        Status ends() throws Exception {
            return end.get(10, TimeUnit.SECONDS);
        }

        void cancel() {
            if (call != null) {
                call.cancel("test is over", null);
            }
        }
    }

    static DeltaDiscoveryRequest.Builder request(ResourceType type, String... names) {
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.typeUrl());
        for (String name : names) {
            request.addResourceNamesSubscribe(name);
        }
        return request;
    }

    Stream open(String... authorizations) {
        return open(true, authorizations);
    }

    Stream open(boolean reads, String... authorizations) {
        Stream stream = new Stream(reads);
        StreamObserver<DeltaDiscoveryRequest> unused = AggregatedDiscoveryServiceGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(authorizations)))
                .deltaAggregatedResources(stream);
        return stream;
    }

    /** A stream whose events go to that observer. */
    void open(ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> observer, String authorization) {
        StreamObserver<DeltaDiscoveryRequest> unused = AggregatedDiscoveryServiceGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(authorization)))
                .deltaAggregatedResources(observer);
    }

    /** The end of a stream of the other form of the protocol. */
    Status stateOfTheWorld(String authorization) throws Exception {
        CompletableFuture<Status> end = new CompletableFuture<>();
        StreamObserver<DiscoveryRequest> call = AggregatedDiscoveryServiceGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(authorization)))
                .streamAggregatedResources(new StreamObserver<DiscoveryResponse>() {
                    @Override
                    public void onNext(DiscoveryResponse response) {}

                    @Override
                    public void onError(Throwable failure) {
                        end.complete(Status.fromThrowable(failure));
                    }

                    @Override
                    public void onCompleted() {
                        end.complete(Status.OK);
                    }
                });
        call.onNext(DiscoveryRequest.getDefaultInstance());
        return end.get(10, TimeUnit.SECONDS);
    }

    private static Metadata headers(String... authorizations) {
        Metadata headers = new Metadata();
        for (String value : authorizations) {
            headers.put(AUTHORIZATION, value);
        }
        return headers;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
