package dev.sallyport.pki;

import static dev.sallyport.pki.Fixtures.SEED;
import static dev.sallyport.pki.Fixtures.WORKLOAD;
import static dev.sallyport.pki.Fixtures.x509;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.TestClock;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LeafIssuerTest {
    private static final String HOST = "api.example.com";
    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration BACKDATED = Duration.ofMinutes(5);

    private final TestClock clock = TestClock.at("2026-11-21T12:34:56Z");
    private final WorkloadCas cas = new WorkloadCas(SEED, clock);
    private final LeafIssuer issuer = new LeafIssuer(SEED, cas, clock);

    @Test
    @DisplayName("CERT-01 a leaf is for one name, serves TLS, signs nothing else and verifies against ca.pem")
    void aLeafHasTheShapeThatEveryVerifierAccepts() throws Exception {
        X509Certificate leaf = x509(issuer.issue(WORKLOAD, HOST, DAY).chainPem());

        assertThat(leaf.getVersion()).isEqualTo(3);
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(2, HOST));
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getKeyUsage())
                .isEqualTo(new boolean[] {true, false, false, false, false, false, false, false, false});
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
        assertThat(leaf.getNonCriticalExtensionOIDs())
                .containsExactlyInAnyOrder("2.5.29.37", "2.5.29.14", "2.5.29.35", "2.5.29.17");
        assertThat(P256PublicKey.isOnCurve((ECPublicKey) leaf.getPublicKey())).isTrue();
        assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("O=Sallyport");
        leaf.verify(x509(cas.current(WORKLOAD).pem()).getPublicKey());
    }

    @Test
    @DisplayName("CERT-01 each leaf has a key and a serial number of its own")
    void eachLeafHasItsOwnKeyAndSerial() throws Exception {
        Set<Object> seen = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            X509Certificate leaf = x509(issuer.issue(WORKLOAD, HOST, DAY).chainPem());
            assertThat(leaf.getSerialNumber().signum()).isPositive();
            assertThat(seen.add(leaf.getSerialNumber())).isTrue();
            assertThat(seen.add(leaf.getPublicKey())).isTrue();
        }
    }

    @Test
    @DisplayName("CERT-02 a leaf that is issued when its slot begins is valid from 5 min before to its ttl after")
    void aLeafIsValidForItsTtl() throws Exception {
        clock.set(issuer.slot(WORKLOAD, HOST, DAY).renewAt());
        LeafCertificate issued = issuer.issue(WORKLOAD, HOST, DAY);
        X509Certificate leaf = x509(issued.chainPem());

        assertThat(issued.notBefore()).isEqualTo(clock.instant().minus(BACKDATED));
        assertThat(issued.notAfter()).isEqualTo(clock.instant().plus(DAY));
        assertThat(leaf.getNotBefore()).isEqualTo(issued.notBefore().truncatedTo(ChronoUnit.SECONDS));
        assertThat(leaf.getNotAfter()).isEqualTo(issued.notAfter().truncatedTo(ChronoUnit.SECONDS));
    }

    @Test
    @DisplayName("CERT-02 a leaf never outlives its CA")
    void aLeafNeverOutlivesItsCa() throws Exception {
        CertificateAuthority ca = cas.issuer(WORKLOAD, clock.instant());
        Instant end = ca.certificate().notAfter();
        Instant now = end.minus(Duration.ofHours(1));

        LeafCertificate leaf = ca.issue(List.of(HOST), now, now, DAY);

        assertThat(leaf.notAfter()).isEqualTo(end);
        assertThat(x509(leaf.chainPem()).getNotAfter())
                .isEqualTo(x509(ca.certificate().pem()).getNotAfter());
    }

    @Test
    @DisplayName("CERT-03 whenever a leaf is issued, it is renewed after two thirds of its life at the latest")
    void aLeafIsRenewedWithAThirdOfItsLifeLeft() {
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            Duration ttl = Duration.ofSeconds(random.nextLong(60, 168 * 3600 + 1));
            clock.set(Instant.ofEpochMilli(random.nextLong(1_750_000_000_000L, 2_800_000_000_000L)));
            LeafSlot slot = issuer.slot(WORKLOAD, HOST, ttl);
            LeafCertificate leaf = issuer.issue(WORKLOAD, HOST, ttl);

            assertThat(slot.contains(clock.instant())).isTrue();
            assertThat(Duration.between(slot.start(), slot.renewAt()))
                    .isEqualTo(Duration.ofMillis(ttl.toMillis() * 2 / 3));
            assertThat(leaf.notBefore()).isEqualTo(slot.start().minus(BACKDATED));
            assertThat(leaf.notAfter()).isEqualTo(clock.instant().plus(ttl));
            assertThat(Duration.between(slot.renewAt(), leaf.notAfter()))
                    .isGreaterThanOrEqualTo(ttl.dividedBy(3).minusMillis(1));
        }
    }

    @Test
    @DisplayName("CERT-12 replicas and restarts have the same versions without issuing anything")
    void replicasAgreeOnVersions() {
        LeafIssuer replica = new LeafIssuer(SEED, new WorkloadCas(SEED, clock), clock);

        assertThat(replica.slot(WORKLOAD, HOST, DAY)).isEqualTo(issuer.slot(WORKLOAD, HOST, DAY));
    }

    @Test
    void aVersionIsThatOfOneWorkloadHostLifeIssuerAndSlot() {
        String version = issuer.slot(WORKLOAD, HOST, DAY).version();
        Instant renewAt = issuer.slot(WORKLOAD, HOST, DAY).renewAt();
        LeafIssuer shorterEpochs = new LeafIssuer(SEED, new WorkloadCas(SEED, Duration.ofDays(90), clock), clock);

        List<String> others = List.of(
                issuer.slot(new PolicyId("agents", "other"), HOST, DAY).version(),
                issuer.slot(new PolicyId("other", "coding-agent"), HOST, DAY).version(),
                issuer.slot(WORKLOAD, "b.example.com", DAY).version(),
                issuer.slot(WORKLOAD, HOST, DAY.plusSeconds(1)).version(),
                shorterEpochs.slot(WORKLOAD, HOST, DAY).version(),
                new LeafIssuer(Fixtures.seed(2), cas, clock)
                        .slot(WORKLOAD, HOST, DAY)
                        .version());
        assertThat(others).doesNotContain(version).doesNotHaveDuplicates();

        clock.set(renewAt.minusMillis(1));
        assertThat(issuer.slot(WORKLOAD, HOST, DAY).version()).isEqualTo(version);
        clock.set(renewAt);
        assertThat(issuer.slot(WORKLOAD, HOST, DAY).version()).isNotEqualTo(version);
        assertThat(issuer.slot(WORKLOAD, HOST, DAY).start()).isEqualTo(renewAt);
    }

    @Test
    void renewalsAreSpreadOverTheSlot() {
        long slot = DAY.toMillis() * 2 / 3;
        int[] perTenth = new int[10];
        IntStream.range(0, 1000)
                .mapToObj(i -> issuer.slot(WORKLOAD, "h" + i + ".example.com", DAY))
                .mapToLong(s -> Duration.between(clock.instant(), s.renewAt()).toMillis())
                .forEach(untilRenewal -> perTenth[(int) ((untilRenewal - 1) * 10 / slot)]++);

        assertThat(IntStream.of(perTenth).boxed()).allSatisfy(n -> assertThat(n).isBetween(60, 140));
    }

    @Test
    @DisplayName("CERT-06 a change of epoch renews no leaf before its time, and the next slot has the new CA")
    void aChangeOfEpochRenewsNothingBeforeItsTime() throws Exception {
        Instant change = Instant.ofEpochSecond(116 * Duration.ofDays(180).toSeconds());
        clock.set(change.minusSeconds(1));
        LeafSlot before = issuer.slot(WORKLOAD, HOST, DAY);
        X509Certificate oldCa = x509(cas.current(WORKLOAD).pem());

        clock.set(change.plusSeconds(1));
        assertThat(issuer.slot(WORKLOAD, HOST, DAY)).isEqualTo(before);
        x509(issuer.issue(WORKLOAD, HOST, DAY).chainPem()).verify(oldCa.getPublicKey());

        clock.set(before.renewAt());
        X509Certificate newCa = x509(cas.current(WORKLOAD).pem());
        assertThat(newCa.getPublicKey()).isNotEqualTo(oldCa.getPublicKey());
        x509(issuer.issue(WORKLOAD, HOST, DAY).chainPem()).verify(newCa.getPublicKey());
    }

    @Test
    @DisplayName(
            "FAULT-05 a clock that was off and is right again is back in its slot, and the leaves of then are valid at once")
    void aClockThatIsRightAgainIsBackInItsSlot() {
        Random random = new Random(5);
        for (Duration ttl : List.of(Duration.ofSeconds(60), DAY, LeafIssuer.MAX_TTL)) {
            for (Duration off : List.of(Duration.ofHours(1), Duration.ofDays(365))) {
                for (int i = 0; i < 50; i++) {
                    String host = "h" + i + ".example.com";
                    Instant now = clock.instant();
                    LeafSlot right = issuer.slot(WORKLOAD, host, ttl);
                    clock.advance(random.nextBoolean() ? off : off.negated());
                    LeafSlot wrong = issuer.slot(WORKLOAD, host, ttl);
                    LeafCertificate leafOfThen = issuer.issue(WORKLOAD, host, ttl);
                    clock.set(now);

                    assertThat(issuer.slot(WORKLOAD, host, ttl)).isEqualTo(right);
                    boolean keepsTheLeafOfThen = wrong.version().equals(right.version());
                    assertThat(wrong.contains(now)).isEqualTo(keepsTheLeafOfThen);
                    if (keepsTheLeafOfThen) {
                        assertThat(leafOfThen.notBefore()).isBefore(now);
                        assertThat(leafOfThen.notAfter()).isAfter(right.renewAt());
                    }
                }
            }
        }
    }

    @Test
    void refusesLivesAndNamesThatPoliciesCannotHave() {
        for (Duration ttl : List.of(Duration.ofSeconds(59), Duration.ofHours(169), Duration.ZERO)) {
            assertThatThrownBy(() -> issuer.slot(WORKLOAD, HOST, ttl)).hasMessageContaining("leafTtl");
        }
        for (String host : List.of(
                "",
                "A.example",
                "a..b",
                "*.example.com",
                "a b",
                "bücher.example",
                "a\u0000b",
                "a,b",
                "a.".repeat(127))) {
            assertThatThrownBy(() -> issuer.issue(WORKLOAD, host, DAY)).hasMessageContaining("lower-case DNS name");
        }
    }

    @Test
    @DisplayName("CERT-13 a leaf prints without its key")
    void aLeafPrintsWithoutItsKey() {
        LeafCertificate leaf = issuer.issue(WORKLOAD, HOST, DAY);

        assertThat(leaf.keyPem()).startsWith("-----BEGIN PRIVATE KEY-----\n");
        assertThat(leaf.toString()).startsWith("certificate for " + HOST).doesNotContain("KEY", "MIG");
        assertThat(leaf.chainPem()).doesNotContain("PRIVATE");
    }
}
