package dev.sallyport.xds;

import dev.sallyport.identity.Authentication;
import dev.sallyport.identity.WorkloadIdentity;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TestPki;
import dev.sallyport.testing.TlsClient;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** An {@link XdsServer} on loopback, with tokens that a test hands out. */
final class TestServer implements AutoCloseable {
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final FakeSnapshots snapshots;
    XdsServer server;
    final TestPki pki = new TestPki("xds test CA");
    final AtomicReference<TlsIdentity> identity = new AtomicReference<>(identity(pki));
    private final Map<String, WorkloadIdentity> tokens = new ConcurrentHashMap<>();
    /** How full the server takes the heap to be. */
    volatile double heapUse;

    private final StreamLimits streams;
    private final ConnectionLimits connections;
    private final LargeResponseLimits large;

    TestServer(TestSnapshot... snapshots) throws IOException {
        this(FakeSidecar.LIMITS, ConnectionLimits.DEFAULT, snapshots);
    }

    TestServer(StreamLimits streams, ConnectionLimits connections, TestSnapshot... snapshots) throws IOException {
        this(streams, connections, LargeResponseLimits.DEFAULT, snapshots);
    }

    TestServer(StreamLimits streams, ConnectionLimits connections, LargeResponseLimits large, TestSnapshot... snapshots)
            throws IOException {
        this.snapshots = new FakeSnapshots(snapshots);
        this.streams = streams;
        this.connections = connections;
        this.large = large;
        this.server = server(0);
        server.start();
    }

    private XdsServer server(int port) {
        return new XdsServer(
                new XdsServerConfig(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        connections,
                        streams,
                        large,
                        Duration.ofSeconds(5)),
                snapshots,
                this::verify,
                identity::get,
                meters,
                Clock.systemUTC(),
                () -> heapUse);
    }

    /** A gauge, as it is now. */
    double gauge(String meter) {
        return meters.get("sallyport.xds." + meter).gauge().value();
    }

    int stop() {
        int port = server.port();
        server.close();
        return port;
    }

    /** Another server, which knows nothing of the one before, on the port that {@link #stop} returned. */
    void startAgain(int port) throws IOException {
        server = server(port);
        server.start();
    }

    static TlsIdentity identity(TestPki pki) {
        TestPki.ServerCertificate certificate = pki.server("xds.test");
        return new TlsIdentity(List.of(certificate.certificate()), certificate.key());
    }

    /** Makes a token good for a workload; the header that shows it. */
    String token(String token, PolicyId workload, Duration life) {
        tokens.put(
                token,
                new WorkloadIdentity(workload, "sidecar-" + token, Instant.now().plus(life)));
        return "Bearer " + token;
    }

    String token() {
        return token("good", TestSnapshot.WORKLOAD, Duration.ofHours(1));
    }

    private Authentication verify(String token) {
        WorkloadIdentity proven = tokens.get(token);
        if (proven == null) {
            return new Authentication.Refused(Authentication.Kind.UNAUTHENTICATED, "unknown", "unknown token");
        }
        return proven.expires().isAfter(Instant.now())
                ? new Authentication.Accepted(proven)
                : new Authentication.Refused(Authentication.Kind.UNAUTHENTICATED, "expired", "expired token");
    }

    AdsClient client() {
        return new AdsClient(server.port(), pki.rootPem());
    }

    /** A connection on which nothing was said yet. */
    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    /** A connection after its handshake, for HTTP/2. */
    RawConnection connectTls() throws IOException {
        return connectTls("127.0.0.1");
    }

    /** The same from another address of loopback. */
    RawConnection connectTls(String from) throws IOException {
        return connect(from)
                .startTls(TlsClient.trusting(pki.rootPem()).to("xds.test").offering("h2"));
    }

    /** A connection from an address of loopback on which nothing was said yet. */
    RawConnection connect(String from) throws IOException {
        return RawConnection.open(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), new InetSocketAddress(from, 0));
    }

    double count(String meter, String... tags) {
        Counter counter = meters.find("sallyport.xds." + meter).tags(tags).counter();
        return counter == null ? 0 : counter.count();
    }

    @Override
    public void close() {
        server.close();
    }
}
