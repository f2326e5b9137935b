package dev.sallyport.xds;

import static dev.sallyport.snapshot.ResourceType.CLUSTER;
import static dev.sallyport.snapshot.ResourceType.LISTENER;
import static dev.sallyport.snapshot.ResourceType.ROUTE;
import static dev.sallyport.snapshot.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class RejectionTest {
    @Test
    @DisplayName("XDS-07, conformance 18, 19: rejected bytes are never sent again, a corrected version is")
    void neverRepeatsARejectedVersion() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));

        sidecar.state.target(TestSnapshot.oneHost("r2").listener("tls/443", "bad"));
        assertThat(sidecar.receives()).containsExactly("LISTENER tls/443@bad");
        sidecar.nacks(LISTENER, "filter chain is empty");
        assertThat(sidecar.takesEverything()).isEmpty();
        assertThat(Rejections.of(sidecar.state, Instant.EPOCH, sidecar.now()))
                .containsExactly(
                        new RejectedResource(LISTENER, "tls/443", "bad", "filter chain is empty", Instant.EPOCH));
        sidecar.state.target(TestSnapshot.oneHost("r3"));
        assertThat(sidecar.takesEverything()).as("the version it still holds").isEmpty();
        assertThat(Rejections.of(sidecar.state, Instant.EPOCH, sidecar.now())).isEmpty();
        sidecar.state.target(TestSnapshot.oneHost("r4").listener("tls/443", "bad"));
        assertThat(sidecar.takesEverything()).as("rejected before").isEmpty();
        sidecar.state.target(TestSnapshot.oneHost("r5").listener("tls/443", "good"));
        assertThat(sidecar.takesEverything()).containsExactly("LISTENER tls/443@good");
    }

    @Test
    @DisplayName(
            "XDS-07: while a listener is rejected, clusters, routes and secrets go on, and access that was taken away goes")
    void goesOnWithOtherTypes() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.twoHosts("r1"));
        sidecar.state.target(TestSnapshot.oneHost("r2")
                .listener("tls/443", "bad")
                .route("proxy", "3")
                .interim("interim"));
        assertThat(sidecar.receives()).containsExactly("ROUTE proxy@interim tls/443@1");
        sidecar.acks(ROUTE);
        sidecar.receives();
        sidecar.nacks(LISTENER, "bad");

        assertThat(sidecar.takesEverything()).containsExactly("ROUTE proxy@3");
        sidecar.state.target(TestSnapshot.oneHost("r3")
                .listener("tls/443", "bad")
                .cluster("public", "2")
                .route("proxy", "4")
                .secret("leaf/a", "2"));
        assertThat(sidecar.takesEverything()).containsExactly("CLUSTER public@2", "SECRET leaf/a@2", "ROUTE proxy@4");
    }

    @Test
    @DisplayName("conformance 16: a bad secret is known by its own response, and hurts one host")
    void findsTheBadSecret() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.twoHosts("r1"));
        sidecar.asks(SECRET, "credential/a", "leaf/a", "leaf/b");

        assertThat(answering(sidecar, "leaf/a"))
                .containsExactly("SECRET credential/a@1", "SECRET leaf/a@1", "SECRET leaf/b@1");
        assertThat(Rejections.of(sidecar.state, Instant.EPOCH, sidecar.now()))
                .extracting(RejectedResource::name)
                .containsExactly("leaf/a");
        sidecar.state.target(TestSnapshot.twoHosts("r2").secret("leaf/a", "2"));
        assertThat(sidecar.takesEverything()).containsExactly("SECRET leaf/a@2");
    }

    @Test
    @DisplayName(
            "conformance 17: after the rejection of several clusters the good ones are sent again alone, so that versions are true again")
    void makesVersionsTrueAgain() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));
        sidecar.state.target(
                TestSnapshot.oneHost("r2").cluster("bad", "1").cluster("b", "1").cluster("public", "2"));
        assertThat(sidecar.receives()).containsExactly("CLUSTER b@1 bad@1 public@2");
        sidecar.nacks(CLUSTER, "bad");
        assertThat(sidecar.state.types().clusters().holds("public"))
                .as("nobody knows which version it has")
                .isFalse();

        assertThat(answering(sidecar, "bad")).containsExactly("CLUSTER b@1", "CLUSTER bad@1", "CLUSTER public@2");
    }

    @Test
    @DisplayName("conformance 17: a suspect that changes meanwhile is sent in its new version")
    void sendsTheNewVersionOfASuspect() {
        FakeSidecar sidecar = FakeSidecar.holding(TestSnapshot.oneHost("r1"));
        sidecar.state.target(TestSnapshot.oneHost("r2").cluster("a", "bad").cluster("b", "1"));
        sidecar.receives();
        sidecar.nacks(CLUSTER, "bad");

        sidecar.state.target(TestSnapshot.oneHost("r3").cluster("a", "good").cluster("b", "1"));

        assertThat(sidecar.takesEverything()).containsExactly("CLUSTER a@good", "CLUSTER b@1");
    }

    @Test
    @DisplayName("conformance 18: a sidecar that rejects everything is sent every resource twice at most")
    void doesNotArgue() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.twoHosts("r1").missingSecret("leaf/b"));
        sidecar.asks(CLUSTER);
        sidecar.asks(LISTENER);
        sidecar.asks(ROUTE, "proxy", "tls/443", "tls/8443");
        sidecar.asks(SECRET, "credential/a", "leaf/a", "leaf/b");

        int responses = 0;
        for (List<String> more = sidecar.receives(); !more.isEmpty(); more = sidecar.receives()) {
            responses += more.size();
            assertThat(responses).isLessThan(30);
            for (ResourceType type : ResourceType.values()) {
                while (sidecar.isWaiting(type)) {
                    sidecar.nacks(type, "no");
                }
            }
        }
    }

    @Test
    @DisplayName("conformance 17: a removal in a rejected response is told again, without the resources")
    void repeatsRemovalsAlone() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));
        sidecar.asks(CLUSTER, "public", "none");
        assertThat(sidecar.receives()).containsExactly("CLUSTER public@1 -none");
        sidecar.nacks(CLUSTER, "no");

        assertThat(sidecar.takesEverything()).containsExactly("CLUSTER -none", "CLUSTER public@1");
    }

    @Test
    @DisplayName("conformance 18: a rejection does not outlive the subscription")
    void forgetsARejectionWithItsSubscription() {
        FakeSidecar sidecar = new FakeSidecar(TestSnapshot.oneHost("r1"));
        sidecar.asks(SECRET, "leaf/a");
        sidecar.receives();
        sidecar.nacks(SECRET, "no");
        assertThat(sidecar.takesEverything()).isEmpty();

        sidecar.takesBack(SECRET, "leaf/a");
        sidecar.asks(SECRET, "leaf/a");

        assertThat(sidecar.takesEverything()).containsExactly("SECRET leaf/a@1");
    }

    @Test
    @DisplayName("a secret that cannot be made is answered as missing and hurts nobody else")
    void survivesAResourceThatCannotBeMade() {
        FakeSidecar sidecar = new FakeSidecar(
                TestSnapshot.oneHost("r1").secret(new VersionedResource("leaf/a", "1", RejectionTest::fail)));
        sidecar.asks(SECRET, "credential/a", "leaf/a");

        assertThat(sidecar.takesEverything()).containsExactly("SECRET -leaf/a", "SECRET credential/a@1");
        assertThat(Rejections.of(sidecar.state, Instant.EPOCH, sidecar.now()))
                .extracting(RejectedResource::reason)
                .containsExactly("could not be made: IllegalStateException");
    }

    @Test
    @DisplayName("conformance 16: reasons for the rejection of a secret are shown only when they cannot hold its value")
    void withholdsReasonsThatMayHoldASecret() {
        String harmless =
                "Failed to load private key from <inline>, Cause: error:0b000074:X.509 certificate routines:OPENSSL_internal:KEY_VALUES_MISMATCH";
        assertThat(RejectionText.of(SECRET, harmless)).isEqualTo(harmless);
        assertThat(RejectionText.of(SECRET, "Proto constraint validation failed: inline_string: \"sk-live\""))
                .doesNotContain("sk-live")
                .contains("withheld");
        assertThat(RejectionText.of(LISTENER, "duplicate matcher")).isEqualTo("duplicate matcher");
    }

    private static ByteString fail() {
        throw new IllegalStateException("secret text");
    }

    /** Everything that is sent when the sidecar rejects every response that has {@code bad} in it, and takes the others. */
    private static List<String> answering(FakeSidecar sidecar, String bad) {
        List<String> all = new ArrayList<>();
        for (List<String> more = sidecar.receives(); !more.isEmpty(); more = sidecar.receives()) {
            all.addAll(more);
            for (String line : more) {
                ResourceType type = ResourceType.valueOf(line.substring(0, line.indexOf(' ')));
                if (line.contains(bad + "@")) {
                    sidecar.nacks(type, "bad");
                } else {
                    sidecar.acks(type);
                }
            }
        }
        return all;
    }
}
