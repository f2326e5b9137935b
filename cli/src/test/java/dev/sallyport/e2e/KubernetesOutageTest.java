package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.LongRun;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that die and API servers that are away, under load: no request fails, nothing is sent again, and status is true afterwards. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class KubernetesOutageTest {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: p, namespace: agents}
            spec: {hosts: [%s]}
            """;
    private static final String KEYED =
            "{host: api.example.com, credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]}";

    @TempDir
    private Path directory;

    private Cluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = Cluster.start(directory, KubernetesOptions.DEFAULT);
        cluster.apply(Machine.secret("api", "token", Machine.KEY));
        cluster.apply(POLICY.formatted(KEYED));
        cluster.pod("one", "p");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void awaitStatus(String programmed) {
        // A new writer takes over when the Lease of the old one has lasted.
        within(
                Duration.ofSeconds(60),
                () -> assertThat(cluster.kubectl("get", "egp", "-A"))
                        .containsPattern("agents +p +Restricted +\\d +True +True +" + programmed + " "));
    }

    @Test
    @DisplayName(
            "K8S-13 FAULT-01 XDS-04 a replica that is killed: the sidecar goes on with the other, nothing is sent or issued again, status is true, and edits arrive")
    void survivesTheDeathOfAReplica() throws Exception {
        XdsServerProcess first = cluster.replica("xds-a");
        TestSidecar sidecar = cluster.sidecar("one", "p");
        App app = cluster.app("one", sidecar);
        awaitStatus("1/1");
        XdsServerProcess second = cluster.replica("xds-b");
        try (Load load = Load.start(4, app, "api.example.com")) {
            load.awaitMore(50);
            first.kill();
            eventually(() -> assertThat(second.metric("sallyport_xds_streams")).isEqualTo(1));
            eventually(() -> assertThat(second.metric("sallyport_xds_converged_seconds_count"))
                    .isEqualTo(1));
            load.awaitMore(50);
            assertThat(second.metric("sallyport_xds_resources_total")).isZero();
            assertThat(second.metric("sallyport_certificates_issued_total")).isZero();
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(4);
        }
        cluster.apply(POLICY.formatted(KEYED + ", {host: b.example.com}"));
        eventually(() -> assertThat(app.connect("b.example.com:443").status()).isEqualTo(200));
        awaitStatus("1/1");
    }

    @Test
    @DisplayName(
            "FAULT-03 FAULT-04 XDS-04 an API server that is away, and back with a compacted etcd (410): no request fails, a sidecar that starts meanwhile is served, nothing is sent again, and what changed arrives")
    void survivesAnApiServerThatIsAway() throws Exception {
        Duration outage = Duration.ofSeconds(LongRun.of("seconds without an API server", 3, 120));
        XdsServerProcess replica = cluster.replica("xds-a");
        TestSidecar sidecar = cluster.sidecar("one", "p");
        App app = cluster.app("one", sidecar);
        awaitStatus("1/1");
        cluster.pod("two", "p");
        cluster.mount("two", "p");
        awaitStatus("1/2");
        double sent = replica.metric("sallyport_xds_resources_total");
        try (Load load = Load.start(4, app, "api.example.com")) {
            load.awaitMore(50);
            cluster.kubernetes().apiServer().kill();
            Instant end = Instant.now().plus(outage);
            TestSidecar started = cluster.startSidecar("two").awaitReady();
            assertThat(cluster.app("two", started).get("api.example.com", "/").status())
                    .isEqualTo(200);
            double sentToBoth = replica.metric("sallyport_xds_resources_total");
            assertThat(sentToBoth).isGreaterThan(sent);
            within(outage.plusSeconds(20), () -> assertThat(Instant.now()).isAfter(end));
            cluster.kubernetes().compactEtcd();
            cluster.kubernetes().apiServer().start();
            load.awaitMore(50);
            awaitStatus("2/2");
            assertThat(replica.metric("sallyport_xds_resources_total")).isEqualTo(sentToBoth);
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(4);
        }
        cluster.apply(Machine.secret("api", "token", "sk-after"));
        within(
                Duration.ofSeconds(60),
                () -> assertThat(app.get("api.example.com", "/e").body()).contains("x-api-key: sk-after"));
    }
}
