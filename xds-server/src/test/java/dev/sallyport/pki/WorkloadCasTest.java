package dev.sallyport.pki;

import static dev.sallyport.pki.Fixtures.SEED;
import static dev.sallyport.pki.Fixtures.WORKLOAD;
import static dev.sallyport.pki.Fixtures.x509;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.TestClock;
import java.io.InputStream;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WorkloadCasTest {
    private static final Duration EPOCH = Duration.ofDays(180);
    private static final Instant EARLIEST = Instant.parse("2025-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("2060-01-01T00:00:00Z");

    private final TestClock clock = TestClock.at("2026-11-21T12:34:56.789Z");
    private final WorkloadCas cas = new WorkloadCas(SEED, clock);

    @Test
    @DisplayName("CERT-04 a CA has the shape that every verifier accepts")
    void aCaHasTheShapeThatEveryVerifierAccepts() throws Exception {
        X509Certificate ca = x509(cas.current(WORKLOAD).pem());

        assertThat(ca.getVersion()).isEqualTo(3);
        assertThat(ca.getBasicConstraints()).isEqualTo(0);
        assertThat(ca.getKeyUsage())
                .isEqualTo(new boolean[] {false, false, false, false, false, true, true, false, false});
        assertThat(ca.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
        assertThat(ca.getNonCriticalExtensionOIDs()).containsExactly("2.5.29.14");
        assertThat(ca.getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertThat(P256PublicKey.isOnCurve((ECPublicKey) ca.getPublicKey())).isTrue();
        assertThat(ca.getSubjectX500Principal()).isEqualTo(ca.getIssuerX500Principal());
        assertThat(ca.getSubjectX500Principal().getName()).isEqualTo("CN=agents/coding-agent 115,O=Sallyport");
        assertThat(ca.getSerialNumber().signum()).isPositive();
        assertThat(ca.getSerialNumber().bitLength()).isGreaterThan(64).isLessThan(160);
        ca.verify(ca.getPublicKey());
    }

    @Test
    @DisplayName("CERT-05 replicas, restarts and later versions with the same seed have byte-identical CAs")
    void replicasAndRestartsHaveTheSameCas() throws Exception {
        TestClock other = new TestClock(clock.instant().plus(Duration.ofDays(3)));
        WorkloadCas replica = new WorkloadCas(SEED, other);

        assertThat(replica.bundlePem(WORKLOAD)).isEqualTo(cas.bundlePem(WORKLOAD));
        // Not only equal to each other: apps of today trust what the version of today made.
        assertThat(cas.bundlePem(WORKLOAD)).isEqualTo(golden("bundle-of-epoch-115.pem"));
        assertThat(new WorkloadCas(Fixtures.seed(2), clock).bundlePem(WORKLOAD)).isNotEqualTo(cas.bundlePem(WORKLOAD));
    }

    @Test
    void noTwoWorkloadsOrPeriodsShareAKey() throws Exception {
        Set<Object> keys = new HashSet<>();
        for (PolicyId id : List.of(
                new PolicyId("a", "b"),
                new PolicyId("ab", ""),
                new PolicyId("", "ab"),
                new PolicyId("a/b", ""),
                new PolicyId("a", "b "),
                new PolicyId("b", "a"))) {
            keys.add(x509(cas.current(id).pem()).getPublicKey());
        }
        keys.add(x509(new WorkloadCas(SEED, Duration.ofDays(90), clock)
                        .current(new PolicyId("a", "b"))
                        .pem())
                .getPublicKey());
        keys.add(x509(new SystemCa(SEED, clock).pem()).getPublicKey());

        assertThat(keys).hasSize(8);
    }

    @Test
    void longNamesFitInASubject() throws Exception {
        PolicyId id = new PolicyId("n".repeat(63), "p".repeat(253));

        assertThat(x509(cas.current(id).pem()).getSubjectX500Principal().getName())
                .isEqualTo("CN=" + "n".repeat(60) + " 115,O=Sallyport");
    }

    @Test
    @DisplayName("CERT-06 whoever read the bundle within the last epoch trusts the CA that issues now")
    void whoeverReadTheBundleWithinAnEpochTrustsTheIssuer() {
        Random random = new Random(6);
        for (int i = 0; i < 300; i++) {
            Instant issued = between(random, EARLIEST, LATEST);
            clock.set(issued);
            CaCertificate issuer = cas.current(WORKLOAD);

            clock.set(issued.minusMillis(random.nextLong(EPOCH.toMillis())));
            assertThat(cas.bundle(WORKLOAD)).contains(issuer);
        }
    }

    @Test
    @DisplayName("CERT-06 whoever reads the bundle while a leaf may be in use trusts the leaf's CA")
    void whoeverReadsTheBundleLaterTrustsLeavesInUse() {
        Random random = new Random(7);
        long slotAndLife = LeafIssuer.MAX_TTL.toMillis() * 5 / 3;
        for (int i = 0; i < 300; i++) {
            Instant slotStart = between(random, EARLIEST, LATEST);
            clock.set(slotStart);
            CaCertificate issuer = cas.current(WORKLOAD);

            clock.set(slotStart.plusMillis(random.nextLong(slotAndLife)));
            assertThat(cas.bundle(WORKLOAD)).contains(issuer);
            assertThat(issuer.notAfter()).isAfter(slotStart.plusMillis(slotAndLife));
        }
    }

    @Test
    void aBundleHoldsOnlyCasThatAreValidThen() {
        Random random = new Random(8);
        for (int i = 0; i < 300; i++) {
            Instant time = between(random, EARLIEST, LATEST);
            clock.set(time);
            assertThat(cas.bundle(WORKLOAD)).hasSizeBetween(2, 3).allSatisfy(ca -> {
                assertThat(ca.notBefore()).isBefore(time);
                assertThat(ca.notAfter()).isAfter(time);
                assertThat(Duration.between(ca.notBefore(), ca.notAfter())).isLessThan(Duration.ofDays(398));
            });
        }
    }

    @Test
    void aBundleChangesWhenItSaysAndNotBefore() {
        Random random = new Random(9);
        for (int i = 0; i < 100; i++) {
            Instant time = between(random, EARLIEST, LATEST);
            clock.set(time);
            String now = cas.bundlePem(WORKLOAD);
            Instant change = cas.nextChange();

            assertThat(change).isAfter(time);
            clock.set(change.minusMillis(1));
            assertThat(cas.bundlePem(WORKLOAD)).isEqualTo(now);
            clock.set(change);
            assertThat(cas.bundlePem(WORKLOAD)).isNotEqualTo(now);
        }
    }

    @Test
    @DisplayName("FAULT-05 a clock that was a year off and is right again has the CAs that it had")
    void aClockThatIsRightAgainHasTheSameCas() {
        String right = cas.bundlePem(WORKLOAD);
        for (int hours : List.of(1, -1, 365 * 24, -365 * 24)) {
            clock.advance(Duration.ofHours(hours));
            assertThat(cas.bundle(WORKLOAD)).hasSizeBetween(2, 3);
            clock.advance(Duration.ofHours(-hours));
            assertThat(cas.bundlePem(WORKLOAD)).isEqualTo(right);
        }
    }

    @Test
    void refusesEpochsShorterThanTheirOverlap() {
        assertThatThrownBy(() -> new WorkloadCas(SEED, Duration.ofDays(13), clock))
                .hasMessageContaining("expected: at least");
        assertThat(new WorkloadCas(SEED, Duration.ofDays(14), clock).bundle(WORKLOAD))
                .hasSize(3);
    }

    @Test
    @DisplayName("CERT-13 a CA's key is in nothing that can be printed or read")
    void aCaShowsNoKey() {
        Stream<String> accessible = Arrays.stream(CertificateAuthority.class.getDeclaredMethods())
                .filter(method -> !Modifier.isPrivate(method.getModifiers()))
                .map(method -> method.getReturnType().getSimpleName());

        assertThat(accessible).containsOnly("CertificateAuthority", "CaCertificate", "LeafCertificate");
        assertThat(cas.current(WORKLOAD))
                .hasToString("CA certificate of epoch 115, valid 2026-03-07T00:00:00Z to 2027-03-17T00:00:00Z");
    }

    private static Instant between(Random random, Instant from, Instant to) {
        return Instant.ofEpochMilli(random.nextLong(from.toEpochMilli(), to.toEpochMilli()));
    }

    private static String golden(String name) throws Exception {
        try (InputStream in = Objects.requireNonNull(WorkloadCasTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
