package dev.sallyport.pki;

import static dev.sallyport.pki.Fixtures.SEED;
import static dev.sallyport.pki.Fixtures.x509;
import static dev.sallyport.pki.Fixtures.x509s;
import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.testing.TestClock;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ServingCertificateTest {
    private static final List<String> NAMES = List.of("xds-server.sallyport.svc", "localhost");

    private final TestClock clock = TestClock.at("2026-11-21T12:00:00Z");
    private final SystemCa ca = new SystemCa(SEED, clock);

    @Test
    @DisplayName("CERT-14 a serving certificate is replaced in place after two thirds of its life, and not before")
    void isReplacedAfterTwoThirdsOfItsLife() throws Exception {
        ServingCertificate serving = ca.issue(NAMES);
        LeafCertificate first = serving.current();

        assertThat(first.notAfter()).isEqualTo(clock.instant().plus(Duration.ofHours(24)));
        assertThat(serving.renewAt()).isEqualTo(clock.instant().plus(Duration.ofHours(16)));
        clock.set(serving.renewAt().minusMillis(1));
        assertThat(serving.current()).isSameAs(first);
        clock.set(serving.renewAt());
        LeafCertificate second = serving.current();
        assertThat(second.chainPem()).isNotEqualTo(first.chainPem());
        assertThat(second.keyPem()).isNotEqualTo(first.keyPem());
        assertThat(serving.current()).isSameAs(second);
        assertThat(first.notAfter()).isAfter(clock.instant());
    }

    @Test
    void isForItsNamesAndFromTheSystemCa() throws Exception {
        X509Certificate certificate = x509(ca.issue(NAMES).current().chainPem());

        assertThat(certificate.getSubjectAlternativeNames())
                .containsExactly(List.of(2, NAMES.get(0)), List.of(2, NAMES.get(1)));
        certificate.verify(x509s(ca.pem()).get(0).getPublicKey());
        assertThatThrownBy(() -> ca.issue(List.of())).hasMessageContaining("expected: at least one");
        assertThatThrownBy(() -> ca.issue(List.of("10.0.0.1 "))).hasMessageContaining("lower-case DNS name");
    }

    @Test
    @DisplayName("CERT-05 the system CA is the same on every replica, and this epoch's bundle has the next one")
    void theSystemCaIsTheSameOnEveryReplica() throws Exception {
        String bundle = ca.pem();

        assertThat(new SystemCa(SEED, clock).pem()).isEqualTo(bundle);
        assertThat(x509s(bundle)).hasSize(2);
        clock.advance(Duration.ofDays(180));
        x509(ca.issue(NAMES).current().chainPem()).verify(x509s(bundle).get(1).getPublicKey());
    }

    @Test
    @DisplayName("FAULT-05 a certificate from a clock that was ahead is replaced as soon as the clock is right")
    void aCertificateFromTheFutureIsReplaced() {
        for (Duration off : List.of(Duration.ofHours(1), Duration.ofDays(365))) {
            clock.advance(off);
            ServingCertificate serving = ca.issue(NAMES);
            clock.advance(off.negated());

            LeafCertificate right = serving.current();
            assertThat(right.notBefore()).isBefore(clock.instant());
            assertThat(serving.current()).isSameAs(right);
        }
    }

    @Test
    void handshakesAtTheSameTimeGetTheSameNewCertificate() throws Exception {
        List<Thread> handshakes = new ArrayList<>();
        AtomicInteger issued = new AtomicInteger();
        ServingCertificate serving = new ServingCertificate(
                now -> {
                    if (issued.incrementAndGet() > 1) {
                        waitUntilTheOthersWait(handshakes);
                    }
                    return ca.issue(NAMES).current();
                },
                clock);
        clock.set(serving.renewAt());
        Set<LeafCertificate> shown = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 8; i++) {
            handshakes.add(new Thread(() -> shown.add(serving.current())));
        }
        handshakes.forEach(Thread::start);
        for (Thread handshake : handshakes) {
            handshake.join();
        }

        assertThat(shown).hasSize(1);
        assertThat(issued).hasValue(2);
    }

    private static void waitUntilTheOthersWait(List<Thread> handshakes) {
        eventually(() -> assertThat(handshakes)
                .filteredOn(thread -> !thread.equals(Thread.currentThread()))
                .allMatch(thread ->
                        thread.getState() == Thread.State.BLOCKED || thread.getState() == Thread.State.TERMINATED));
    }
}
