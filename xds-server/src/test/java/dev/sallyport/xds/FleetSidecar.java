package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One of thousands of sidecars: it does what Envoy does on the stream, and keeps no bytes. */
final class FleetSidecar implements AutoCloseable {
    private static final int MOST_BACK_OFF_MILLIS = 500;

    private final String address;
    private final String authorization;
    private final List<String> routes;
    private final List<String> secrets;
    private final Map<ResourceType, Map<String, String>> held = new EnumMap<>(ResourceType.class);
    private final ScheduledExecutorService backOff;
    private volatile @Nullable AdsClient client;

    /**
     * @param backOff where it waits before it comes back from a connection that failed
     */
    FleetSidecar(
            int number,
            String authorization,
            List<String> routes,
            List<String> secrets,
            ScheduledExecutorService backOff) {
        // An address each, as sidecars have that do not share a machine.
        this.address = "127.1." + number / 250 + "." + (number % 250 + 1);
        this.authorization = authorization;
        this.routes = routes;
        this.secrets = secrets;
        this.backOff = backOff;
        for (ResourceType type : ResourceType.values()) {
            held.put(type, new ConcurrentHashMap<>());
        }
    }

    /** Leaves the connection there is and opens another one, with what it holds. */
    synchronized void connect(int port, SslContext tls) {
        close();
        AdsClient next = new AdsClient(port, tls, address);
        client = next;
        Stream stream = new Stream(() -> comeBack(next, port, tls));
        next.open(stream, authorization);
        stream.begin();
    }

    private void comeBack(AdsClient failed, int port, SslContext tls) {
        Future<?> unused = backOff.schedule(
                () -> {
                    if (client == failed) {
                        connect(port, tls);
                    }
                },
                ThreadLocalRandom.current().nextInt(MOST_BACK_OFF_MILLIS),
                TimeUnit.MILLISECONDS);
    }

    private Map<String, String> held(ResourceType type) {
        Map<String, String> versions = held.get(type);
        if (versions == null) {
            throw new IllegalStateException("no versions of " + type);
        }
        return versions;
    }

    private DeltaDiscoveryRequest first(ResourceType type, List<String> names) {
        return AdsClient.request(type, names.toArray(String[]::new))
                .putAllInitialResourceVersions(Map.copyOf(held(type)))
                .build();
    }

    private final class Stream implements ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
        private final Runnable onFailure;
        private @Nullable ClientCallStreamObserver<DeltaDiscoveryRequest> call;

        Stream(Runnable onFailure) {
            this.onFailure = onFailure;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<DeltaDiscoveryRequest> started) {
            call = started;
        }

        void begin() {
            if (call != null) {
                call.onNext(first(ResourceType.CLUSTER, List.of()));
                call.onNext(first(ResourceType.LISTENER, List.of()));
                call.onNext(first(ResourceType.ROUTE, routes));
                call.onNext(first(ResourceType.SECRET, secrets));
            }
        }

        @Override
        public void onNext(DeltaDiscoveryResponse response) {
            ResourceType type = ResourceType.ofUrl(response.getTypeUrl()).orElseThrow();
            response.getResourcesList().forEach(one -> held(type).put(one.getName(), one.getVersion()));
            response.getRemovedResourcesList().forEach(name -> held(type).remove(name));
            if (call != null) {
                call.onNext(DeltaDiscoveryRequest.newBuilder()
                        .setTypeUrl(response.getTypeUrl())
                        .setResponseNonce(response.getNonce())
                        .build());
            }
        }

        @Override
        public void onError(Throwable failure) {
            onFailure.run();
        }

        @Override
        public void onCompleted() {}
    }

    @Override
    public synchronized void close() {
        AdsClient last = client;
        client = null;
        if (last != null) {
            last.close();
        }
    }
}
