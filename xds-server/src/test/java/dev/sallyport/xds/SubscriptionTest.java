package dev.sallyport.xds;

import static dev.sallyport.snapshot.ResourceType.CLUSTER;
import static dev.sallyport.snapshot.ResourceType.LISTENER;
import static dev.sallyport.snapshot.ResourceType.ROUTE;
import static dev.sallyport.snapshot.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SubscriptionTest {
    @Test
    @DisplayName(
            "XDS-03, conformance 7: a secret that does not exist is answered at once as removed, like one of another workload")
    void answersMissingSecretsAsRemoved() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1").missingSecret("leaf/gone"));

        sidecar.asks(SECRET, "leaf/of-another-workload", "leaf/none");

        assertThat(sidecar.receives()).containsExactly("SECRET -leaf/none -leaf/of-another-workload");
        sidecar.acks(SECRET);
        assertThat(sidecar.receives()).isEmpty();
    }

    @Test
    @DisplayName("conformance 7: the value of one secret does not wait for the answer to the absence of another")
    void answersPresentAndMissingTogether() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1").missingSecret("leaf/b"));

        sidecar.asks(SECRET, "leaf/a", "leaf/b");

        assertThat(sidecar.receives()).containsExactly("SECRET -leaf/b", "SECRET leaf/a@1");
    }

    @Test
    @DisplayName("conformance 9: a secret that appears later is pushed without a request")
    void pushesASecretThatAppears() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1").missingSecret("leaf/a"));

        sidecar.state.target(TestSnapshot.oneHost("r2"));

        assertThat(sidecar.takesEverything()).containsExactly("SECRET leaf/a@1");
    }

    @Test
    @DisplayName("conformance 8: a route that does not exist denies everything, and is never removed")
    void deniesRoutesThatDoNotExist() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));

        sidecar.asks(ROUTE, "tls/8443");
        assertThat(sidecar.takesEverything()).containsExactly("ROUTE tls/8443@deny-all");
        sidecar.state.target(TestSnapshot.oneHost("r2").without("tls/443").listener("tls/443", "1"));

        assertThat(sidecar.takesEverything()).containsExactly("ROUTE tls/443@deny-all");
    }

    @Test
    @DisplayName("XDS-10: a changed secret is one response with one resource")
    void pushesOneSecretAlone() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.twoHosts("r1"));

        sidecar.state.target(TestSnapshot.twoHosts("r2").secret("credential/a", "2"));

        assertThat(sidecar.takesEverything()).containsExactly("SECRET credential/a@2");
    }

    @Test
    @DisplayName(
            "XDS-11, conformance 10: a secret that goes: first the route with the 500, after its ACK the tombstone")
    void sendsTombstonesAfterRoutes() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));

        sidecar.state.target(TestSnapshot.oneHost("r2").route("tls/443", "500").tombstone("credential/a", "none"));

        assertThat(sidecar.receives()).containsExactly("ROUTE tls/443@500");
        assertThat(sidecar.receives()).isEmpty();
        sidecar.acks(ROUTE);
        assertThat(sidecar.receives()).containsExactly("SECRET credential/a@none");
    }

    @Test
    @DisplayName("XDS-11: a sidecar that never had the secret gets the tombstone at once")
    void answersWithTombstonesAtOnce() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1").tombstone("credential/a", "none"));

        sidecar.asks(SECRET, "credential/a");

        assertThat(sidecar.receives()).containsExactly("SECRET credential/a@none");
    }

    @Test
    @DisplayName(
            "XDS-08, conformance 24: an unsubscribed secret is not pushed; subscribed again it is answered in full")
    void forgetsWhatIsUnsubscribed() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));

        sidecar.takesBack(SECRET, "leaf/a");
        sidecar.state.target(TestSnapshot.oneHost("r2").secret("leaf/a", "2"));
        assertThat(sidecar.takesEverything()).isEmpty();
        sidecar.asks(SECRET, "leaf/a");

        assertThat(sidecar.takesEverything()).containsExactly("SECRET leaf/a@2");
    }

    @Test
    @DisplayName("conformance 24: a name that is held and subscribed again is answered in full")
    void answersARepeatedSubscription() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));

        sidecar.asks(SECRET, "leaf/a");

        assertThat(sidecar.takesEverything()).containsExactly("SECRET leaf/a@1");
    }

    @Test
    @DisplayName("conformance 24, 26: a name subscribed again while it is on its way is sent again")
    void answersASubscriptionThatCrossedTheResponse() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));
        sidecar.asks(SECRET, "leaf/a");
        sidecar.receives();

        sidecar.asks(SECRET, "leaf/a");
        assertThat(sidecar.receives()).as("one version at a time").isEmpty();
        sidecar.acks(SECRET);
        assertThat(sidecar.receives()).containsExactly("SECRET leaf/a@1");
        sidecar.takesBack(SECRET, "leaf/a");
        sidecar.asks(SECRET, "leaf/a");

        assertThat(sidecar.takesEverything()).containsExactly("SECRET leaf/a@1");
    }

    @Test
    @DisplayName("conformance 26: a secret that changes while it is on its way is sent when it was answered")
    void sendsAVersionAfterTheAnswerToTheOneBefore() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));
        sidecar.asks(SECRET, "leaf/a");
        sidecar.receives();

        sidecar.state.target(TestSnapshot.oneHost("r2").secret("leaf/a", "2"));
        assertThat(sidecar.receives()).isEmpty();
        sidecar.acks(SECRET);

        assertThat(sidecar.takesEverything()).containsExactly("SECRET leaf/a@2");
    }

    @Test
    @DisplayName("conformance 26: what was unsubscribed while it was on its way is not held")
    void forgetsWhatIsUnsubscribedOnItsWay() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));
        sidecar.asks(SECRET, "leaf/a");
        sidecar.receives();
        sidecar.takesBack(SECRET, "leaf/a");
        sidecar.acks(SECRET);

        assertThat(sidecar.state.types().secrets().holds("leaf/a")).isFalse();
        assertThat(sidecar.takesEverything()).isEmpty();
    }

    @Test
    @DisplayName("conformance 26: replies are matched by nonce; one that fits no response changes nothing")
    void ignoresStaleNonces() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));
        sidecar.asks(SECRET, "leaf/a");
        sidecar.receives();

        assertThat(sidecar.request(SECRET, List.of(), List.of(), Map.of(), "n99", null))
                .isEmpty();
        assertThat(sidecar.state.types().secrets().holds("leaf/a")).isFalse();
        sidecar.acks(SECRET);
        assertThat(sidecar.state.types().secrets().holds("leaf/a")).isTrue();
    }

    @Test
    @DisplayName("conformance 23: a type that was not asked for is not sent")
    void sendsNothingUnasked() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));

        assertThat(sidecar.receives()).isEmpty();
    }

    @Test
    @DisplayName("XDS-04, conformance 4: nothing is sent to a sidecar that comes back with everything")
    void sendsNothingOnAnEqualReconnect() {
        FakeSidecar sidecar = reconnected(TestSnapshot.oneHost("r1"));

        assertThat(sidecar.receives()).isEmpty();
        assertThat(sidecar.state.isComplete()).isTrue();
    }

    @Test
    @DisplayName(
            "XDS-05, conformance 5, 6: what changed is sent, what is missing is sent, what is gone is removed in the end")
    void bringsAReconnectedSidecarUpToDate() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));
        sidecar.comesBack(CLUSTER, Map.of("public", "0", "gone", "1"));
        sidecar.comesBack(LISTENER, Map.of("proxy", "1", "ready", "1", "tls/443", "1", "tls/8443", "1"));
        sidecar.comesBack(ROUTE, Map.of("proxy", "1", "tls/443", "1"), "proxy", "tls/443");
        sidecar.comesBack(SECRET, Map.of("leaf/a", "1"), "leaf/a", "credential/a");

        assertThat(sidecar.takesEverything())
                .containsExactly("CLUSTER public@1", "SECRET credential/a@1", "LISTENER -tls/8443");
        sidecar.after(Duration.ofSeconds(17));
        assertThat(sidecar.takesEverything()).containsExactly("CLUSTER -gone");
    }

    @Test
    @DisplayName(
            "conformance 5: a secret that is gone when the sidecar comes back is removed; one that nothing leads to after the drain time")
    void removesASecretThatIsGone() {
        FakeSidecar sidecar = reconnected(TestSnapshot.oneHost("r1").missingSecret("leaf/b"));
        sidecar.comesBack(SECRET, Map.of(), "leaf/b");
        assertThat(sidecar.takesEverything()).containsExactly("SECRET -leaf/b");

        sidecar.state.target(TestSnapshot.oneHost("r1").without("leaf/a"));
        assertThat(sidecar.takesEverything()).isEmpty();
        sidecar.after(Duration.ofSeconds(17));
        assertThat(sidecar.takesEverything()).containsExactly("SECRET -leaf/a");
    }

    @Test
    @DisplayName("conformance 14: hosts that changed while a sidecar was away: listeners before the proxy's routes")
    void ordersAReconnectWithChanges() {
        FakeSidecar sidecar = reconnected(TestSnapshot.twoHosts("r2"));

        assertThat(sidecar.receives()).containsExactly("CLUSTER b@1", "ROUTE tls/443@2");
        sidecar.acks(CLUSTER);
        sidecar.acks(ROUTE);
        assertThat(sidecar.receives()).containsExactly("LISTENER tls/443@2");
        sidecar.asks(SECRET, "leaf/b");
        sidecar.acks(LISTENER);
        assertThat(sidecar.takesEverything()).containsExactly("SECRET leaf/b@1", "ROUTE proxy@2");
    }

    @Test
    @DisplayName(
            "conformance 14: a sidecar that comes back asks for listeners first; its routes are changed first all the same")
    void sendsRoutesBeforeListenersOnAReconnect() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r2").listener("tls/443", "2"));
        sidecar.comesBack(CLUSTER, Map.of("public", "1"));
        sidecar.comesBack(LISTENER, Map.of("proxy", "1", "ready", "1", "tls/443", "1"));
        assertThat(sidecar.receives()).isEmpty();
        assertThat(sidecar.state.nanosToNext(sidecar.now())).isEqualTo(5_000_000_000L);

        sidecar.comesBack(ROUTE, Map.of("proxy", "1", "tls/443", "0"), "proxy", "tls/443");

        assertThat(sidecar.takesEverything()).containsExactly("ROUTE tls/443@1", "LISTENER tls/443@2");
    }

    @Test
    @DisplayName("conformance 14: a sidecar that comes back and asks for no routes gets its listeners after 5 s")
    void doesNotWaitForRoutesForEver() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r2").listener("tls/443", "2"));
        sidecar.comesBack(LISTENER, Map.of("proxy", "1", "ready", "1", "tls/443", "1"));
        assertThat(sidecar.receives()).isEmpty();

        sidecar.after(Duration.ofSeconds(5));

        assertThat(sidecar.takesEverything()).containsExactly("LISTENER tls/443@2");
    }

    /** Comes back with everything of {@link TestSnapshot#oneHost}. */
    private static FakeSidecar reconnected(TestSnapshot to) {
        FakeSidecar sidecar = new FakeSidecar(to);
        sidecar.comesBack(CLUSTER, Map.of("public", "1"));
        sidecar.comesBack(LISTENER, Map.of("proxy", "1", "ready", "1", "tls/443", "1"));
        sidecar.comesBack(ROUTE, Map.of("proxy", "1", "tls/443", "1"), "proxy", "tls/443");
        sidecar.comesBack(SECRET, Map.of("leaf/a", "1", "credential/a", "1"), "leaf/a", "credential/a");
        return sidecar;
    }
}
