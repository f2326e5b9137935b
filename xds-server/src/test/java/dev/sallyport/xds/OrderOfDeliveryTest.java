package dev.sallyport.xds;

import static dev.sallyport.snapshot.ResourceType.CLUSTER;
import static dev.sallyport.snapshot.ResourceType.LISTENER;
import static dev.sallyport.snapshot.ResourceType.ROUTE;
import static dev.sallyport.snapshot.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OrderOfDeliveryTest {
    @Test
    @DisplayName("XDS-02, conformance 3, 31: a start gets clusters, listeners, what they ask for, and ready last")
    void startsInOrder() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));

        sidecar.asks(CLUSTER);
        assertThat(sidecar.receives()).containsExactly("CLUSTER public@1");
        sidecar.asks(LISTENER);
        sidecar.acks(CLUSTER);
        assertThat(sidecar.receives()).containsExactly("LISTENER proxy@1 tls/443@1");
        sidecar.asks(ROUTE, "proxy", "tls/443");
        sidecar.asks(SECRET, "credential/a", "leaf/a");
        assertThat(sidecar.receives())
                .containsExactly("SECRET credential/a@1", "SECRET leaf/a@1", "ROUTE proxy@1 tls/443@1");
        sidecar.acks(LISTENER);
        assertThat(sidecar.receives()).as("routes first").isEmpty();
        sidecar.acks(ROUTE);
        assertThat(sidecar.receives()).containsExactly("LISTENER ready@1");
        sidecar.acks(SECRET);
        sidecar.acks(SECRET);
        sidecar.acks(LISTENER);

        assertThat(sidecar.receives()).isEmpty();
        assertThat(sidecar.state.isComplete()).isTrue();
        assertThat(sidecar.state.held()).get().extracting("revision").isEqualTo("r1");
    }

    @Test
    @DisplayName("conformance 31: a listener rejected at start keeps ready back until it is corrected")
    void keepsReadyBackAfterARejectionAtStart() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));
        sidecar.asks(CLUSTER);
        sidecar.takesEverything();
        sidecar.asks(LISTENER);
        sidecar.receives();
        sidecar.nacks(LISTENER, "bad");
        assertThat(sidecar.receives()).containsExactly("LISTENER proxy@1");
        sidecar.acks(LISTENER);
        assertThat(sidecar.receives()).containsExactly("LISTENER tls/443@1");
        sidecar.nacks(LISTENER, "bad");
        assertThat(sidecar.receives()).isEmpty();

        sidecar.state.target(TestSnapshot.oneHost("r2").listener("tls/443", "2"));

        assertThat(sidecar.takesEverything()).containsExactly("LISTENER tls/443@2", "LISTENER ready@1");
    }

    @Test
    @DisplayName("conformance 3: the first answer to a wildcard is sent even when there is nothing")
    void answersAnEmptyWorld() {
        FakeSidecar sidecar = new FakeSidecar(new TestSnapshot(TestSnapshot.WORKLOAD, "r1"));

        sidecar.asks(CLUSTER);

        assertThat(sidecar.receives()).containsExactly("CLUSTER");
        sidecar.acks(CLUSTER);
        assertThat(sidecar.receives()).isEmpty();
    }

    @Test
    @DisplayName(
            "XDS-09, conformance 14: a new host gets cluster, inner route, chain, secret, and only then the proxy's route")
    void addsAHost() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));

        sidecar.state.target(TestSnapshot.twoHosts("r2").interim("1"));

        assertThat(sidecar.receives()).containsExactly("CLUSTER b@1", "ROUTE tls/443@2");
        sidecar.acks(CLUSTER);
        assertThat(sidecar.receives()).as("the chain waits for its routes").isEmpty();
        sidecar.acks(ROUTE);
        assertThat(sidecar.receives()).containsExactly("LISTENER tls/443@2");
        sidecar.asks(SECRET, "leaf/b");
        sidecar.acks(LISTENER);
        assertThat(sidecar.receives()).containsExactly("SECRET leaf/b@1");
        assertThat(sidecar.receives()).as("the proxy waits for the secret").isEmpty();
        sidecar.acks(SECRET);
        assertThat(sidecar.receives()).containsExactly("ROUTE proxy@2");
        assertThat(sidecar.state.isComplete()).isFalse();
        sidecar.acks(ROUTE);
        assertThat(sidecar.receives()).isEmpty();
        assertThat(sidecar.state.isComplete()).isTrue();
    }

    @Test
    @DisplayName("conformance 14: a secret that is never asked for holds the proxy's route back for 5 s at most")
    void opensTheGateInTheEnd() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));
        sidecar.state.target(TestSnapshot.twoHosts("r2").interim("1"));
        assertThat(sidecar.takesEverything()).doesNotContain("ROUTE proxy@2");
        assertThat(sidecar.state.nanosToNext(sidecar.now())).isEqualTo(5_000_000_000L);

        sidecar.after(Duration.ofSeconds(5));

        assertThat(sidecar.takesEverything()).containsExactly("ROUTE proxy@2");
    }

    @Test
    @DisplayName(
            "XDS-09, conformance 10, 14: a host that goes is refused by routes, then its chain goes, its cluster after the drain time")
    void removesAHost() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.twoHosts("r1"));

        sidecar.state.target(TestSnapshot.oneHost("r2")
                .route("tls/443", "3-with-b-403")
                .route("proxy", "3")
                .listener("tls/443", "3"));

        assertThat(sidecar.receives()).containsExactly("ROUTE proxy@3 tls/443@3-with-b-403");
        sidecar.acks(ROUTE);
        assertThat(sidecar.receives()).containsExactly("LISTENER tls/443@3");
        sidecar.acks(LISTENER);
        assertThat(sidecar.receives()).isEmpty();
        sidecar.after(Duration.ofSeconds(16));
        assertThat(sidecar.receives()).as("running requests end first").isEmpty();
        assertThat(sidecar.state.nanosToNext(sidecar.now())).isEqualTo(1_000_000_000L);
        sidecar.takesBack(SECRET, "leaf/b");
        sidecar.after(Duration.ofSeconds(1));
        assertThat(sidecar.receives()).containsExactly("CLUSTER -b");
        sidecar.acks(CLUSTER);
        assertThat(sidecar.receives()).isEmpty();
    }

    @Test
    @DisplayName("conformance 14: one host comes and another goes: at the proxy first what both allow")
    void sendsInterimRoutesFirst() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));

        sidecar.state.target(
                TestSnapshot.twoHosts("r2").without("b").without("leaf/b").interim("both"));

        assertThat(sidecar.takesEverything())
                .containsExactly("ROUTE proxy@both tls/443@2", "LISTENER tls/443@2", "ROUTE proxy@2");
    }

    @Test
    @DisplayName("conformance 14: a cluster that is wanted again before it was removed is left alone")
    void keepsAClusterThatComesBack() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.twoHosts("r1"));
        sidecar.state.target(TestSnapshot.oneHost("r2"));
        sidecar.takesEverything();
        sidecar.after(Duration.ofSeconds(10));
        sidecar.state.target(TestSnapshot.twoHosts("r3").interim("1"));
        sidecar.takesEverything();
        sidecar.after(Duration.ofSeconds(10));

        assertThat(sidecar.takesEverything()).isEmpty();
    }

    @Test
    @DisplayName("conformance 11: an internal listener is never removed from a live stream")
    void neverRemovesAListenerOfALiveStream() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1").listener("tls/8443", "1"));

        sidecar.state.target(TestSnapshot.oneHost("r2"));
        sidecar.after(Duration.ofMinutes(1));

        assertThat(sidecar.takesEverything()).isEmpty();
    }

    @Test
    @DisplayName("XDS-15: of many snapshots only the newest is sent")
    void sendsOnlyTheNewest() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));
        for (int i = 2; i <= 100; i++) {
            sidecar.state.target(TestSnapshot.oneHost("r" + i).secret("credential/a", "v" + i));
        }

        assertThat(sidecar.takesEverything()).containsExactly("SECRET credential/a@v100");
    }

    @Test
    @DisplayName("XDS-06: a snapshot with the same content is silence")
    void sendsNothingForEqualContent() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));

        sidecar.state.target(TestSnapshot.oneHost("r2"));

        assertThat(sidecar.takesEverything()).isEmpty();
        assertThat(sidecar.state.held()).get().extracting("revision").isEqualTo("r2");
    }

    @Test
    @DisplayName("conformance 28: what is large goes out in several responses, one at a time")
    void cutsLargeResponses() {
        StreamLimits small =
                new StreamLimits(1, 1, 1, 1, 20, Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofSeconds(17));
        FakeSidecar sidecar = new FakeSidecar(
                new TestSnapshot(TestSnapshot.WORKLOAD, "r1")
                        .cluster("0123456789", "1")
                        .cluster("a", "1")
                        .cluster("b-of-more-than-twenty-bytes", "1")
                        .cluster("c", "1"),
                small);
        sidecar.asks(CLUSTER);

        assertThat(sidecar.receives()).containsExactly("CLUSTER 0123456789@1 a@1");
        assertThat(sidecar.receives()).isEmpty();
        sidecar.acks(CLUSTER);
        assertThat(sidecar.takesEverything()).containsExactly("CLUSTER b-of-more-than-twenty-bytes@1", "CLUSTER c@1");
    }

    @Test
    @DisplayName(
            "conformance 16, FAULT-06: secrets are sent one by one, and no more bytes are on their way than allowed")
    void sendsSecretsOneByOne() {
        StreamLimits small =
                new StreamLimits(1, 1, 1, 1, 12, Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofSeconds(17));
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.twoHosts("r1"), small);

        sidecar.asks(SECRET, "credential/a", "leaf/a", "leaf/b", "leaf/none");

        assertThat(sidecar.receives()).containsExactly("SECRET -leaf/none", "SECRET credential/a@1", "SECRET leaf/a@1");
        sidecar.acks(SECRET);
        assertThat(sidecar.receives()).isEmpty();
        sidecar.acks(SECRET);
        assertThat(sidecar.receives()).containsExactly("SECRET leaf/b@1");
    }
}
