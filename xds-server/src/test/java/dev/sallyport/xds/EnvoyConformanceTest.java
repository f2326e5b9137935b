package dev.sallyport.xds;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.testing.Envoys;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TestPki;
import dev.sallyport.testing.Upstream;
import dev.sallyport.xds.RealWorkload.Hosts;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The server and real Envoys, with the resources that the product makes. */
class EnvoyConformanceTest {
    private static final Hosts ONE = Hosts.of("a.test");
    private static final Hosts TWO = Hosts.of("a.test", "b.test");
    private static final StreamLimits LIMITS = new StreamLimits(
            1 << 20,
            16_384,
            200,
            4_096,
            64 << 10,
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1));
    private static final TestPki UPSTREAM_PKI = new TestPki("upstream roots");
    private static Upstream upstream;
    private static int upstreamPort;

    @TempDir
    private Path directory;

    private SidecarPorts ports;
    private RealWorkload workload;
    private TestServer server;

    @BeforeAll
    static void startUpstream() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            upstreamPort = free.getLocalPort();
        }
        upstream = new Upstream(name -> UPSTREAM_PKI.server(name)).start(upstreamPort);
    }

    @AfterAll
    static void stopUpstream() {
        upstream.close();
    }

    @BeforeEach
    void startServer() throws Exception {
        ports = RunningSidecar.freePorts();
        workload = new RealWorkload(upstreamPort, UPSTREAM_PKI.rootPem(), ports);
        server = new TestServer(LIMITS, ConnectionLimits.DEFAULT);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    static List<EnvoyBinary> envoys() {
        return Envoys.all();
    }

    private RunningSidecar start(EnvoyBinary envoy, TestSnapshot snapshot) throws Exception {
        server.snapshots.publish(snapshot);
        server.token();
        return new RunningSidecar(envoy, directory, ports, server, "good", workload.caPem());
    }

    private RunningSidecar ready(EnvoyBinary envoy, TestSnapshot snapshot) throws Exception {
        RunningSidecar sidecar = start(envoy, snapshot);
        sidecar.awaitReady();
        awaitCurrent(snapshot.revision());
        return sidecar;
    }

    private void awaitCurrent(String revision) {
        eventually(() -> assertThat(server.server.sidecars().sidecars())
                .singleElement()
                .satisfies(status -> assertThat(status.held()).contains(revision)));
    }

    private List<RejectedResource> rejected() {
        return server.server.sidecars().sidecars().stream()
                .flatMap(status -> status.rejected().stream())
                .toList();
    }

    /** How many resources were sent so far, by type. */
    private Map<String, Integer> sent() {
        Map<String, Integer> sent = new TreeMap<>();
        for (String type : List.of("cluster", "listener", "route", "secret")) {
            sent.put(type, (int) server.count("resources", "type", type) + (int) server.count("removed", "type", type));
        }
        return sent;
    }

    private static List<String> keysSeenUpstream() {
        List<String> keys = new ArrayList<>();
        upstream.requests().forEach(request -> keys.addAll(request.values("x-api-key")));
        return keys;
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName("conformance 1, 3, 31, XDS-02: a sidecar starts, is ready, and serves")
    void starts(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", TWO))) {
            assertThat(sidecar.get("a.test")).isEqualTo("200");
            assertThat(sidecar.get("b.test")).isEqualTo("200");
            assertThat(sidecar.get("c.test")).isEqualTo("CONNECT 403");
            assertThat(server.server.sidecars().sidecars().get(0)).satisfies(status -> {
                assertThat(status.isCurrent()).isTrue();
                assertThat(status.envoy()).contains(envoy.version());
                assertThat(status.nodeId()).isEqualTo("test");
            });
            assertThat(server.count("nacks", "type", "listener")).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName("XDS-04, conformance 4, 22: streams that end under load: no request fails, nothing is sent again")
    void reconnectsInSilence(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", TWO));
                Load load = new Load(() -> sidecar.get("a.test"))) {
            Map<String, Integer> before = sent();
            for (int i = 1; i <= 5; i++) {
                server.server.sidecars().streams().forEach(stream -> stream.end(StreamEnd.TOKEN_EXPIRED));
                int ended = i;
                eventually(() -> assertThat(server.count("ended", "reason", "token_expired"))
                        .isEqualTo(ended));
                awaitCurrent("r1");
                load.more(10);
            }

            assertThat(load.changes()).containsExactly("200");
            assertThat(sent()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "ID-09, conformance 22: a token expires: the sidecar comes back with the new one and nothing is sent again")
    void comesBackWithANewToken(EnvoyBinary envoy) throws Exception {
        server.snapshots.publish(workload.snapshot("r1", ONE));
        server.token("first", RealWorkload.ID, Duration.ofSeconds(4));
        try (RunningSidecar sidecar = new RunningSidecar(envoy, directory, ports, server, "first", workload.caPem())) {
            sidecar.awaitReady();
            awaitCurrent("r1");
            Map<String, Integer> before = sent();
            server.token("second", RealWorkload.ID, Duration.ofHours(1));
            sidecar.showToken("second");

            eventually(() -> assertThat(server.server.sidecars().sidecars())
                    .singleElement()
                    .satisfies(status -> assertThat(status.sidecar()).isEqualTo("sidecar-second")));
            awaitCurrent("r1");

            eventually(() ->
                    assertThat(server.count("ended", "reason", "token_expired")).isEqualTo(1));
            assertThat(sent()).isEqualTo(before);
            assertThat(sidecar.get("a.test")).isEqualTo("200");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName("FAULT-01: the control plane goes and comes back: no request fails, nothing is sent again")
    void survivesARestartOfTheServer(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", TWO));
                Load load = new Load(() -> sidecar.get("a.test"))) {
            Map<String, Integer> before = sent();
            int port = server.stop();
            load.more(20);
            server.startAgain(port);
            awaitCurrent("r1");
            load.more(20);

            assertThat(load.changes()).containsExactly("200");
            assertThat(sent()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "XDS-05, conformance 5: what was removed and added while the control plane was away is so when it is back")
    void catchesUpAfterARestartOfTheServer(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", TWO));
                Load load = new Load(() -> sidecar.get("a.test"))) {
            int port = server.stop();
            server.snapshots.publish(workload.snapshot("r2", Hosts.of("a.test", "c.test")));
            server.startAgain(port);
            awaitCurrent("r2");

            assertThat(sidecar.get("b.test")).isEqualTo("CONNECT 403");
            assertThat(sidecar.get("c.test")).isEqualTo("200");
            eventually(
                    () -> assertThat(server.count("removed", "type", "cluster")).isPositive());
            load.more(10);
            assertThat(load.changes()).containsExactly("200");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "XDS-09, conformance 14: a host added under load is 403 and then 200, nothing in between; others do not notice")
    void addsAHostUnderLoad(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", ONE));
                Load others = new Load(() -> sidecar.get("a.test"));
                Load added = new Load(() -> sidecar.get("b.test"))) {
            added.more(5);
            server.snapshots.publish(workload.change("r2", ONE, TWO));
            awaitCurrent("r2");
            added.more(20);
            others.more(5);

            assertThat(added.changes()).containsExactly("CONNECT 403", "200");
            assertThat(others.changes()).containsExactly("200");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName("conformance 14, positive control: without the order new connections break")
    void breaksConnectionsWithoutTheOrder(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", ONE));
                Load added = new Load(() -> sidecar.get("b.test"))) {
            added.more(5);
            // Routes that let the host in, and everything else of it withheld.
            server.snapshots.publish(workload.snapshot("r2", ONE).route(workload.proxyRoutes(TWO)));
            // Each of these takes a second or more: Envoy closes late.
            eventually(() -> assertThat(added.changes()).hasSizeGreaterThan(1));
            added.more(3);

            assertThat(added.changes()).doesNotContain("200");
            assertThat(added.changes().get(1)).isNotEqualTo("CONNECT 403");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "XDS-09, conformance 10, 14: a host removed under load is 200 and then 403, also on open tunnels; its clusters go last")
    void removesAHostUnderLoad(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", TWO));
                RawConnection open = sidecar.connect("b.test");
                Load others = new Load(() -> sidecar.get("a.test"));
                Load removed = new Load(() -> sidecar.get("b.test"))) {
            assertThat(RunningSidecar.get(open, "b.test")).isEqualTo("200");
            removed.more(5);
            server.snapshots.publish(workload.change("r2", TWO, TWO.without("b.test")));
            awaitCurrent("r2");

            assertThat(RunningSidecar.get(open, "b.test")).isEqualTo("403");
            eventually(
                    () -> assertThat(server.count("removed", "type", "cluster")).isPositive());
            removed.more(10);
            others.more(5);
            assertThat(removed.changes()).first().isEqualTo("200");
            // A request that was under way when the routes changed hears it inside its tunnel.
            assertThat(removed.changes()).isSubsetOf("200", "403", "CONNECT 403");
            assertThat(removed.changes()).last().isEqualTo("CONNECT 403");
            assertThat(others.changes()).containsExactly("200");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "XDS-10: credentials and leaves change under load: no request fails, one resource is sent for each, the next request has the new value")
    void rotatesUnderLoad(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", TWO));
                Load load = new Load(() -> sidecar.get("a.test"))) {
            Map<String, Integer> before = sent();
            for (int i = 2; i <= 11; i++) {
                server.snapshots.publish(workload.snapshot("r" + i, TWO.with("a.test", "rotated-" + i)));
                awaitCurrent("r" + i);
                assertThat(sidecar.get("a.test")).isEqualTo("200");
                assertThat(keysSeenUpstream()).contains("rotated-" + i);
            }
            for (int i = 12; i <= 16; i++) {
                server.snapshots.publish(workload.snapshot("r" + i, TWO.with("a.test", "rotated-11"))
                        .secret(workload.newLeaf("a.test")));
                awaitCurrent("r" + i);
            }
            load.more(10);

            assertThat(load.changes()).containsExactly("200");
            before.merge("secret", 15, Integer::sum);
            assertThat(sent()).isEqualTo(before);
            assertThat(server.count("responses", "type", "secret")).isEqualTo(server.count("acks", "type", "secret"));
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "XDS-11, conformance 10: a credential that goes is 200 and then 500, never 401, and nothing upstream after that")
    void takesACredentialAway(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", TWO));
                Load load = new Load(() -> sidecar.get("b.test"))) {
            load.more(5);
            TestSnapshot without = workload.snapshot("r2", TWO.withoutValue("b.test"))
                    .secret(RealWorkload.tombstone("b.test"))
                    .marksTombstone(RealWorkload.credentialName("b.test"));
            server.snapshots.publish(without);
            awaitCurrent("r2");
            load.more(10);
            assertThat(load.changes()).containsExactly("200", "500");

            server.snapshots.publish(workload.snapshot("r3", TWO));
            awaitCurrent("r3");
            assertThat(sidecar.get("b.test")).isEqualTo("200");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "conformance 7, 9: a secret that is missing at start keeps nothing from opening, and heals when it comes")
    void opensWithoutAMissingSecret(EnvoyBinary envoy) throws Exception {
        TestSnapshot missing = workload.snapshot("r1", TWO.withoutValue("b.test"));
        try (RunningSidecar sidecar = ready(envoy, missing)) {
            assertThat(sidecar.get("a.test")).isEqualTo("200");
            assertThat(sidecar.get("b.test")).isEqualTo("500");

            server.snapshots.publish(workload.snapshot("r2", TWO));
            awaitCurrent("r2");

            assertThat(sidecar.get("b.test")).isEqualTo("200");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "conformance 16, 18, 19: one bad secret in a response hurts one host, is named in status, and heals when it is corrected")
    void findsOneBadSecret(EnvoyBinary envoy) throws Exception {
        TestSnapshot bad = workload.snapshot("r1", TWO).secret(workload.mismatchedLeaf("b.test"));
        try (RunningSidecar sidecar = ready(envoy, bad)) {
            assertThat(sidecar.get("a.test")).isEqualTo("200");
            assertThat(sidecar.get("b.test")).isNotEqualTo("200");
            assertThat(rejected()).singleElement().satisfies(rejection -> {
                assertThat(rejection.name()).isEqualTo("leaf/b.test");
                assertThat(rejection.reason()).contains("KEY_VALUES_MISMATCH");
            });

            server.snapshots.publish(workload.snapshot("r2", TWO));
            awaitCurrent("r2");

            assertThat(sidecar.get("b.test")).isEqualTo("200");
            assertThat(rejected()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "XDS-07, conformance 17, 18: a rejected listener leaves the old one serving, is sent once, and other types go on")
    void survivesARejectedListener(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", ONE))) {
            TestSnapshot bad = workload.snapshot("r2", ONE.with("a.test", "after"));
            server.snapshots.publish(bad.listener(RealWorkload.resource("tls/443", withoutChains())));
            awaitCurrent("r2");

            assertThat(rejected()).extracting(RejectedResource::name).containsExactly("tls/443");
            assertThat(sidecar.get("a.test")).isEqualTo("200");
            assertThat(keysSeenUpstream()).contains("after");
            eventually(
                    () -> assertThat(server.count("nacks", "type", "listener")).isEqualTo(1));

            server.snapshots.publish(workload.snapshot("r3", ONE));
            awaitCurrent("r3");
            assertThat(rejected()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName("conformance 31: a listener that is rejected at start keeps ready closed until it is corrected")
    void isNotReadyWithoutAListener(EnvoyBinary envoy) throws Exception {
        TestSnapshot bad = workload.snapshot("r1", ONE);
        try (RunningSidecar sidecar = start(envoy, bad.listener(RealWorkload.resource("tls/443", withoutChains())))) {
            eventually(() ->
                    assertThat(rejected()).extracting(RejectedResource::name).containsExactly("tls/443"));
            eventually(() -> assertThat(server.count("responses", "type", "route"))
                    .isPositive()
                    .isEqualTo(server.count("acks", "type", "route")));
            assertThat(sidecar.isReady()).isFalse();

            server.snapshots.publish(workload.snapshot("r2", ONE));

            sidecar.awaitReady();
            assertThat(sidecar.get("a.test")).isEqualTo("200");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "XDS-07, conformance 17, 18: a rejected route is named, and the routes that came with it are in force: access that was taken away is gone")
    void survivesARejectedRoute(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", TWO))) {
            RouteConfiguration ambiguous = RouteConfiguration.newBuilder()
                    .setName("tls/443")
                    .addVirtualHosts(VirtualHost.newBuilder().setName("x").addDomains("x"))
                    .addVirtualHosts(VirtualHost.newBuilder().setName("y").addDomains("x"))
                    .build();
            server.snapshots.publish(
                    workload.snapshot("r2", TWO.without("b.test")).route(RealWorkload.resource("tls/443", ambiguous)));
            awaitCurrent("r2");

            assertThat(rejected()).extracting(RejectedResource::name).containsExactly("tls/443");
            eventually(() -> assertThat(server.count("nacks", "type", "route")).isEqualTo(2));
            assertThat(sidecar.get("b.test")).isEqualTo("CONNECT 403");
            assertThat(sidecar.get("a.test")).isEqualTo("200");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "conformance 17: a rejected cluster is named, and those that came with it can be taken away again after a reconnect")
    void survivesARejectedCluster(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", ONE))) {
            Cluster incomplete = Cluster.newBuilder()
                    .setName("bad")
                    .setType(Cluster.DiscoveryType.EDS)
                    .build();
            server.snapshots.publish(workload.change("r2", ONE, TWO).cluster(RealWorkload.resource("bad", incomplete)));
            awaitCurrent("r2");
            assertThat(rejected()).extracting(RejectedResource::name).containsExactly("bad");
            eventually(
                    () -> assertThat(server.count("nacks", "type", "cluster")).isEqualTo(2));
            assertThat(sidecar.get("b.test")).isEqualTo("200");

            int port = server.stop();
            server.snapshots.publish(workload.snapshot("r3", ONE));
            server.startAgain(port);
            awaitCurrent("r3");

            eventually(
                    () -> assertThat(server.count("removed", "type", "cluster")).isPositive());
            assertThat(sidecar.get("a.test")).isEqualTo("200");
            assertThat(sidecar.get("b.test")).isEqualTo("CONNECT 403");
        }
    }

    private static Listener withoutChains() {
        return Listener.newBuilder()
                .setName("tls/443")
                .setAddress(Address.newBuilder()
                        .setSocketAddress(SocketAddress.newBuilder()
                                .setAddress("127.0.0.1")
                                .setPortValue(1)))
                .build();
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName(
            "FAULT-10, positive control: a field that a sidecar does not know is rejected, not dropped: nothing else that these suites send has one")
    void rejectsUnknownFields(EnvoyBinary envoy) throws Exception {
        try (RunningSidecar sidecar = ready(envoy, workload.snapshot("r1", ONE))) {
            Cluster newer = Cluster.newBuilder()
                    .setName("newer")
                    .setUnknownFields(UnknownFieldSet.newBuilder()
                            .addField(
                                    5_000,
                                    UnknownFieldSet.Field.newBuilder()
                                            .addVarint(1)
                                            .build())
                            .build())
                    .build();
            server.snapshots.publish(workload.snapshot("r2", ONE).cluster(RealWorkload.resource("newer", newer)));

            eventually(() -> assertThat(rejected()).singleElement().satisfies(rejection -> {
                assertThat(rejection.name()).isEqualTo("newer");
                assertThat(rejection.reason()).contains("unknown");
            }));
            assertThat(sidecar.get("a.test")).isEqualTo("200");
        }
    }

    @ParameterizedTest
    @MethodSource("envoys")
    @DisplayName("conformance 20: a sidecar that is refused is not served, and is served as soon as its token is good")
    void waitsForAGoodToken(EnvoyBinary envoy) throws Exception {
        server.snapshots.publish(workload.snapshot("r1", ONE));
        try (RunningSidecar sidecar = new RunningSidecar(envoy, directory, ports, server, "bad", workload.caPem())) {
            eventually(
                    () -> assertThat(server.count("refused", "code", "unknown")).isGreaterThan(1));
            assertThat(sent().values()).containsOnly(0);

            server.token("bad", RealWorkload.ID, Duration.ofHours(1));

            sidecar.awaitReady();
        }
    }
}
