package dev.sallyport.xds;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.testing.ClientHello;
import dev.sallyport.testing.Http2Client;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TestPki;
import dev.sallyport.testing.UpstreamRequest;
import io.envoyproxy.envoy.config.core.v3.BuildVersion;
import io.envoyproxy.envoy.config.core.v3.Extension;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.type.v3.SemanticVersion;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The server as another implementation of gRPC sees it. */
class XdsServerTest {
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final PolicyId OTHER = new PolicyId("agents", "other");

    /** Resources that the generated classes can read. */
    private static TestSnapshot readable(PolicyId workload, String revision, String version) {
        TestSnapshot snapshot = new TestSnapshot(workload, revision);
        for (String name : List.of("a", "b")) {
            Resource resource = Resource.newBuilder()
                    .setName(name)
                    .setVersion(version)
                    .setResource(Any.newBuilder().setTypeUrl(ResourceType.SECRET.typeUrl()))
                    .build();
            snapshot.secret(new VersionedResource(name, version, resource::toByteString));
        }
        return snapshot;
    }

    private static Node node(int minor) {
        Node.Builder node = Node.newBuilder()
                .setId("agents/other")
                .setCluster("agents/other")
                .setUserAgentName("envoy")
                .setUserAgentBuildVersion(BuildVersion.newBuilder()
                        .setVersion(
                                SemanticVersion.newBuilder().setMajorNumber(1).setMinorNumber(minor)));
        for (int i = 0; i < 1_000; i++) {
            node.addExtensions(Extension.newBuilder()
                    .setName("envoy.filters.http.of_some_length." + i)
                    .addTypeUrls("envoy.extensions.filters.http.of_some_length.v3.Filter" + i));
        }
        return node.build();
    }

    @Test
    @DisplayName("XDS-01, conformance 1: a node of over 64 KB is served; what is sent is what was subscribed")
    void servesAValidToken() throws Exception {
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream stream = client.open(server.token());
            DeltaDiscoveryRequest request = AdsClient.request(ResourceType.SECRET, "a", "none")
                    .setNode(node(40))
                    .build();
            assertThat(request.getSerializedSize()).isGreaterThan(64 << 10);
            stream.send(request);

            assertThat(stream.receives().getRemovedResourcesList()).containsExactly("none");
            DeltaDiscoveryResponse response = stream.receives();

            assertThat(response.getTypeUrl()).isEqualTo(ResourceType.SECRET.typeUrl());
            assertThat(response.getSystemVersionInfo()).isEqualTo("r1");
            assertThat(response.getResourcesList())
                    .extracting(Resource::getName)
                    .containsExactly("a");
            assertThat(server.server.sidecars().sidecars()).singleElement().satisfies(status -> {
                assertThat(status.nodeId()).isEqualTo("agents/other");
                assertThat(status.envoy().map(Object::toString)).contains("1.40.0");
            });
            stream.acks(response);
            eventually(() -> assertThat(server.count("acks", "type", "secret")).isEqualTo(1));
        }
    }

    @Test
    @DisplayName("XDS-01: StreamAggregatedResources is UNIMPLEMENTED")
    void doesNotServeTheStateOfTheWorld() throws Exception {
        try (TestServer server = new TestServer();
                AdsClient client = server.client()) {
            assertThat(client.stateOfTheWorld(server.token()).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        }
    }

    @Test
    @DisplayName(
            "ID-02: no authorization, another scheme, no token, two tokens: UNAUTHENTICATED before the first response")
    void refusesWithoutAToken() throws Exception {
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            String good = server.token();
            for (String[] headers : List.of(
                    new String[] {},
                    new String[] {"Basic x"},
                    new String[] {"Bearer"},
                    new String[] {"Bearer "},
                    new String[] {"Bearer unknown"},
                    new String[] {"good"},
                    new String[] {good, good})) {
                AdsClient.Stream stream = client.open(headers);
                stream.asks(ResourceType.SECRET, "a");

                assertThat(stream.ends().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
                assertThat(stream.responses).isEmpty();
            }
            eventually(() ->
                    assertThat(server.count("refused", "code", "no_token")).isEqualTo(6));
            eventually(
                    () -> assertThat(server.count("refused", "code", "unknown")).isEqualTo(1));
        }
    }

    @Test
    @DisplayName("ID-08, XDS-03: the token decides, whatever the node says; names of another workload do not exist")
    void servesTheWorkloadOfTheToken() throws Exception {
        TestSnapshot theirs = readable(OTHER, "r1", "1");
        theirs.secret(new VersionedResource(
                "theirs", "1", () -> Resource.getDefaultInstance().toByteString()));
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"), theirs);
                AdsClient client = server.client()) {
            AdsClient.Stream stream = client.open(server.token());
            stream.send(AdsClient.request(ResourceType.SECRET, "theirs", "nobodys")
                    .setNode(node(40))
                    .build());

            assertThat(stream.receives().getRemovedResourcesList()).containsExactly("nobodys", "theirs");
            eventually(
                    () -> assertThat(server.count("removed", "type", "secret")).isEqualTo(2));
        }
    }

    @Test
    @DisplayName("XDS-12: an Envoy older than 1.39 is refused before the first response")
    void refusesAnOldEnvoy() throws Exception {
        try (TestServer server = new TestServer();
                AdsClient client = server.client()) {
            AdsClient.Stream stream = client.open(server.token());
            stream.send(
                    AdsClient.request(ResourceType.CLUSTER).setNode(node(38)).build());

            assertThat(stream.ends().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
            assertThat(stream.responses).isEmpty();
        }
    }

    @Test
    @DisplayName("XDS-13, conformance 21: before the first sync UNAVAILABLE, never an answer")
    void refusesBeforeTheFirstSync() throws Exception {
        try (TestServer server = new TestServer();
                AdsClient client = server.client()) {
            server.snapshots.synced(false);
            AdsClient.Stream stream = client.open(server.token());
            stream.asks(ResourceType.CLUSTER);

            assertThat(stream.ends().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(stream.responses).isEmpty();
            eventually(() ->
                    assertThat(server.count("refused", "code", "not_synced")).isEqualTo(1));
        }
    }

    @Test
    @DisplayName("XDS-14: a workload that changes is pushed to its own sidecars only")
    void pushesToItsOwnSidecarsOnly() throws Exception {
        try (TestServer server =
                        new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"), readable(OTHER, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream ours = client.open(server.token());
            AdsClient.Stream theirs = client.open(server.token("other", OTHER, Duration.ofHours(1)));
            for (AdsClient.Stream stream : List.of(ours, theirs)) {
                stream.asks(ResourceType.SECRET, "a");
                stream.acks(stream.receives());
            }

            server.snapshots.publish(readable(OTHER, "r2", "2"));

            assertThat(theirs.receives().getResources(0).getVersion()).isEqualTo("2");
            ours.asks(ResourceType.SECRET, "none");
            assertThat(ours.receives().getResourcesCount())
                    .as("the next it hears")
                    .isZero();
        }
    }

    @Test
    @DisplayName(
            "XDS-16: a request over the size limit, or with too many names, ends its stream with RESOURCE_EXHAUSTED; neighbours go on")
    void limitsRequests() throws Exception {
        StreamLimits small = new StreamLimits(
                64 << 10,
                100,
                100,
                100,
                64 << 10,
                Duration.ofSeconds(60),
                Duration.ofSeconds(5),
                Duration.ofSeconds(17));
        try (TestServer server =
                        new TestServer(small, ConnectionLimits.DEFAULT, readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream neighbour = client.open(server.token("n", TestSnapshot.WORKLOAD, Duration.ofHours(1)));
            neighbour.asks(ResourceType.SECRET, "a");
            neighbour.acks(neighbour.receives());
            AdsClient.Stream large = client.open(server.token());
            large.asks(ResourceType.SECRET, "x".repeat(64 << 10));
            AdsClient.Stream many = client.open(server.token());
            many.asks(
                    ResourceType.SECRET,
                    IntStream.range(0, 101).mapToObj(i -> "s" + i).toArray(String[]::new));

            assertThat(many.ends().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(large.ends().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            eventually(
                    () -> assertThat(server.count("ended", "reason", "limit")).isEqualTo(2));
            neighbour.asks(ResourceType.SECRET, "b");
            assertThat(neighbour.receives().getResources(0).getName()).isEqualTo("b");
        }
    }

    @Test
    @DisplayName(
            "XDS-16: more streams of one sidecar than allowed: RESOURCE_EXHAUSTED; a place that is given back can be taken")
    void limitsStreams() throws Exception {
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            String token = server.token();
            List<AdsClient.Stream> streams = new ArrayList<>();
            for (int i = 0; i < ConnectionLimits.DEFAULT.maxStreamsPerSidecar(); i++) {
                AdsClient.Stream stream = client.open(token);
                stream.asks(ResourceType.SECRET, "a");
                assertThat(stream.receives().getResourcesCount()).isEqualTo(1);
                streams.add(stream);
            }
            AdsClient.Stream tooMany = client.open(token);
            assertThat(tooMany.ends().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            eventually(() -> assertThat(server.count("refused", "code", "too_many_streams"))
                    .isEqualTo(1));
            AdsClient.Stream neighbour = client.open(server.token("n", TestSnapshot.WORKLOAD, Duration.ofHours(1)));
            neighbour.asks(ResourceType.SECRET, "a");
            assertThat(neighbour.receives().getResourcesCount()).isEqualTo(1);

            streams.get(0).cancel();

            eventually(() -> {
                AdsClient.Stream again = client.open(token);
                again.asks(ResourceType.SECRET, "a");
                assertThat(again.receives().getResourcesCount()).isEqualTo(1);
            });
        }
    }

    @Test
    @DisplayName("a request that is no protocol buffer ends its stream with INVALID_ARGUMENT")
    void refusesGarbage() throws Exception {
        DeltaRequest request =
                new DeltaRequestMarshaller(1 << 20, 100).parse(new ByteArrayInputStream(new byte[] {0x1a, 0x7f, 0x01}));

        assertThat(request)
                .isInstanceOfSatisfying(
                        DeltaRequest.Invalid.class,
                        invalid -> assertThat(invalid.end()).isEqualTo(StreamEnd.BAD_REQUEST));
    }

    @Test
    @DisplayName("FAULT-06: of a reader that stalls one response waits, whatever changes; neighbours go on")
    void holdsOneResponseForAStalledReader() throws Exception {
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream stalled = client.open(false, server.token());
            stalled.asks(ResourceType.SECRET, "a");
            AdsClient.Stream neighbour = client.open(server.token("n", TestSnapshot.WORKLOAD, Duration.ofHours(1)));
            neighbour.asks(ResourceType.SECRET, "a");
            neighbour.acks(neighbour.receives());
            eventually(() ->
                    assertThat(server.count("responses", "type", "secret")).isEqualTo(2));

            for (int i = 2; i <= 50; i++) {
                server.snapshots.publish(readable(TestSnapshot.WORKLOAD, "r" + i, "" + i));
            }

            eventually(() -> {
                DeltaDiscoveryResponse response = neighbour.receives();
                neighbour.acks(response);
                assertThat(response.getResources(0).getVersion()).isEqualTo("50");
            });
            assertThat(server.count("responses", "type", "secret") - server.count("acks", "type", "secret"))
                    .isLessThanOrEqualTo(2);
        }
    }

    @Test
    @DisplayName(
            "HOS-06: a flood of requests on one stream is read at the stream's rate and counted; neighbours do not wait")
    void slowsAFloodDown() throws Exception {
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client();
                AdsClient other = server.client()) {
            AdsClient.Stream flood = client.open(server.token());
            for (int i = 0; i < 10_000; i++) {
                flood.asks(ResourceType.SECRET, "a");
            }
            AdsClient.Stream neighbour = other.open(server.token("n", TestSnapshot.WORKLOAD, Duration.ofHours(1)));
            neighbour.asks(ResourceType.SECRET, "a");

            assertThat(neighbour.receives().getResourcesCount()).isEqualTo(1);
            eventually(() -> assertThat(server.count("throttled")).isPositive());
            assertThat(flood.end.isDone()).isFalse();
        }
    }

    @Test
    @DisplayName("ID-09: a stream ends with OK when its token expires")
    void endsStreamsWithTheirTokens() throws Exception {
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream stream = client.open(server.token("short", TestSnapshot.WORKLOAD, Duration.ofSeconds(1)));
            stream.asks(ResourceType.SECRET, "a");
            stream.acks(stream.receives());

            assertThat(stream.ends().getCode()).isEqualTo(Status.Code.OK);
            eventually(() ->
                    assertThat(server.count("ended", "reason", "token_expired")).isEqualTo(1));
        }
    }

    @Test
    @DisplayName("ID-10: streams of an identity that is revoked end with PERMISSION_DENIED, others go on")
    void endsRevokedStreams() throws Exception {
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream gone = client.open(server.token());
            AdsClient.Stream stays = client.open(server.token("n", TestSnapshot.WORKLOAD, Duration.ofHours(1)));
            for (AdsClient.Stream stream : List.of(gone, stays)) {
                stream.asks(ResourceType.SECRET, "a");
                stream.acks(stream.receives());
            }

            server.server.closeStreams(identity -> identity.sidecar().equals("sidecar-good"));

            assertThat(gone.ends().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(stays.end.isDone()).isFalse();
            eventually(() -> assertThat(server.server.sidecars().sidecars()).hasSize(1));
        }
    }

    @Test
    @DisplayName("FAULT-11: at shutdown streams end with OK within the grace period")
    void endsStreamsAtShutdown() throws Exception {
        TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
        try (AdsClient client = server.client()) {
            AdsClient.Stream stream = client.open(server.token());
            stream.asks(ResourceType.SECRET, "a");
            stream.acks(stream.receives());

            server.close();

            assertThat(stream.ends().getCode()).isEqualTo(Status.Code.OK);
        }
    }

    @Test
    @DisplayName(
            "HOS-05: connections beyond a source's rate are closed before TLS and counted; streams that are open stay")
    void limitsHandshakes() throws Exception {
        ConnectionLimits few = new ConnectionLimits(1, 5, 100, Duration.ofSeconds(5), 4, 0.85);
        try (TestServer server = new TestServer(FakeSidecar.LIMITS, few, readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream stream = client.open(server.token());
            stream.asks(ResourceType.SECRET, "a");
            stream.acks(stream.receives());

            int closed = 0;
            for (int i = 0; i < 20; i++) {
                try (Socket socket = server.connect()) {
                    socket.setSoTimeout(200);
                    closed += isClosed(socket) ? 1 : 0;
                }
            }

            assertThat(closed).isGreaterThanOrEqualTo(14);
            double refused = closed;
            eventually(() -> assertThat(server.count("connections.refused", "reason", "rate"))
                    .isEqualTo(refused));
            stream.asks(ResourceType.SECRET, "b");
            assertThat(stream.receives().getResources(0).getName()).isEqualTo("b");
        }
    }

    @Test
    @DisplayName("HOS-05: a connection that shows no token in time is closed; without the guard it would stay")
    void closesConnectionsWithoutAToken() throws Exception {
        ConnectionLimits impatient = new ConnectionLimits(100, 100, 2, Duration.ofMillis(300), 4, 0.85);
        ConnectionLimits patient = new ConnectionLimits(100, 100, 2, Duration.ofHours(1), 4, 0.85);
        try (TestServer server = new TestServer(FakeSidecar.LIMITS, impatient);
                TestServer unguarded = new TestServer(FakeSidecar.LIMITS, patient);
                Socket silent = server.connect();
                Socket stays = unguarded.connect()) {
            silent.setSoTimeout(10_000);
            assertThat(isClosed(silent)).isTrue();
            eventually(() -> assertThat(server.count("connections.refused", "reason", "no_token"))
                    .isEqualTo(1));
            stays.setSoTimeout(600);
            assertThat(isClosed(stays)).isFalse();
        }
    }

    @Test
    @DisplayName("HOS-05: all connections without a token share one limit; one that showed a token does not count")
    void limitsConnectionsWithoutAToken() throws Exception {
        ConnectionLimits two = new ConnectionLimits(100, 100, 2, Duration.ofHours(1), 4, 0.85);
        try (TestServer server = new TestServer(FakeSidecar.LIMITS, two, readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream stream = client.open(server.token());
            stream.asks(ResourceType.SECRET, "a");
            stream.acks(stream.receives());
            try (Socket first = server.connect();
                    Socket second = server.connect();
                    Socket third = server.connect()) {
                third.setSoTimeout(10_000);
                assertThat(isClosed(third)).isTrue();
                first.setSoTimeout(100);
                second.setSoTimeout(100);
                assertThat(isClosed(first)).isFalse();
                assertThat(isClosed(second)).isFalse();
            }
            eventually(() -> {
                try (Socket again = server.connect()) {
                    again.setSoTimeout(100);
                    assertThat(isClosed(again)).isFalse();
                }
            });
        }
    }

    @Test
    @DisplayName("HOS-05: a connection that resets streams as fast as it opens them is closed; other connections stay")
    void endsARapidReset() throws Exception {
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream neighbour = client.open(server.token());
            neighbour.asks(ResourceType.SECRET, "a");
            neighbour.acks(neighbour.receives());

            assertThat(resetsUntilClosed(server, 20))
                    .as("a few are nothing unusual")
                    .isFalse();
            assertThat(resetsUntilClosed(server, 1_000)).isTrue();

            neighbour.asks(ResourceType.SECRET, "b");
            assertThat(neighbour.receives().getResources(0).getName()).isEqualTo("b");
        }
    }

    /** Whether the server closes a connection on which that many streams were opened and reset. */
    private static boolean resetsUntilClosed(TestServer server, int streams) throws IOException {
        byte[] head = Http2Client.block(
                new UpstreamRequest.Header(":method", "POST"),
                new UpstreamRequest.Header(":scheme", "https"),
                new UpstreamRequest.Header(":path", "/x/y"),
                new UpstreamRequest.Header(":authority", "xds.test"),
                new UpstreamRequest.Header("content-type", "application/grpc"),
                new UpstreamRequest.Header("te", "trailers"));
        try (RawConnection connection = server.connectTls()) {
            Http2Client client = new Http2Client(connection);
            try {
                for (int i = 0; i < streams; i++) {
                    client.send(Http2Client.HEADERS, Http2Client.END_HEADERS, 2 * i + 1, head);
                    client.send(Http2Client.RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
                }
                client.send(Http2Client.PING, 0, 0, new byte[8]);
            } catch (IOException closed) {
                return true;
            }
            return isClosedBeforePong(client);
        }
    }

    private static boolean isClosedBeforePong(Http2Client client) throws IOException {
        try {
            for (Http2Client.Frame frame = client.next(); frame != null; frame = client.next()) {
                if (frame.type() == Http2Client.PING) {
                    return false;
                }
            }
        } catch (SocketException whileAnswering) {
            return true;
        }
        return true;
    }

    /** Whether the other side closes; false when it says nothing. */
    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    @DisplayName("conformance 29: a renewed certificate is shown to the next connection, and open streams stay")
    void renewsItsCertificateInPlace() throws Exception {
        try (TestServer server = new TestServer(readable(TestSnapshot.WORKLOAD, "r1", "1"));
                AdsClient client = server.client()) {
            AdsClient.Stream stream = client.open(server.token());
            stream.asks(ResourceType.SECRET, "a");
            stream.acks(stream.receives());
            TestPki next = new TestPki("next CA");

            server.identity.set(TestServer.identity(next));

            try (AdsClient trustsNext = new AdsClient(server.server.port(), next.rootPem())) {
                AdsClient.Stream second = trustsNext.open(server.token());
                second.asks(ResourceType.SECRET, "a");
                assertThat(second.receives().getResourcesCount()).isEqualTo(1);
            }
            stream.asks(ResourceType.SECRET, "b");
            assertThat(stream.receives().getResources(0).getName()).isEqualTo("b");
        }
    }

    @Test
    @DisplayName("TLS 1.1 is refused with an alert; TLS 1.2 is not")
    void refusesOldTls() throws Exception {
        try (TestServer server = new TestServer()) {
            assertThat(firstRecordAfter(server, ClientHello.TLS_1_1)).isEqualTo(ALERT);
            assertThat(firstRecordAfter(server, ClientHello.TLS_1_2)).isEqualTo(HANDSHAKE);
        }
    }

    private static int firstRecordAfter(TestServer server, int version) throws IOException {
        try (Socket socket = server.connect()) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(ClientHello.of(version, "xds.test"));
            return socket.getInputStream().read();
        }
    }
}
