package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TlsClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Leaves as apps see them in the handshake. */
@EndToEnd
class CertificatesTest {
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int DNS_NAME = 2;
    private static final Duration BACKDATED = Duration.ofMinutes(5);

    private final MovableClock clock = new MovableClock(Clock.systemUTC());
    private final Machine machine = Machine.with(Machine.P, clock);

    @AfterEach
    void stop() throws IOException {
        machine.close();
    }

    @Test
    @DisplayName(
            "CERT-01 the leaf: P-256, one DNS name, serverAuth, digitalSignature, AKI and SKI, no CA, verifies against ca.pem")
    void servesAProperLeaf() throws Exception {
        App app = machine.app(machine.sidecar());
        X509Certificate leaf = leaf(app, "api.example.com");
        X509Certificate other = leaf(app, "b.example.com");

        assertThat(((ECPublicKey) leaf.getPublicKey())
                        .getParams()
                        .getCurve()
                        .getField()
                        .getFieldSize())
                .isEqualTo(256);
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(DNS_NAME, "api.example.com"));
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getKeyUsage()[DIGITAL_SIGNATURE]).isTrue();
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getExtensionValue("2.5.29.35"))
                .as("authorityKeyIdentifier")
                .isNotNull();
        assertThat(leaf.getExtensionValue("2.5.29.14"))
                .as("subjectKeyIdentifier")
                .isNotNull();
        assertThat(leaf.getSerialNumber().bitLength()).isGreaterThan(100);
        assertThat(leaf.getSerialNumber()).isNotEqualTo(other.getSerialNumber());
        X509Certificate ca = cas().get(0);
        leaf.verify(ca.getPublicKey());
        assertThat(leaf.getIssuerX500Principal()).isEqualTo(ca.getSubjectX500Principal());
    }

    @Test
    @DisplayName("CERT-02 its times: until 24 h after issue and from 5 min before its renewal slot, within the CA's")
    void servesALeafOfADay() throws Exception {
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        X509Certificate leaf = leaf(machine.app(machine.sidecar()), "api.example.com");
        Instant after = Instant.now();

        Instant issued = leaf.getNotAfter().toInstant().minus(Duration.ofHours(24));
        assertThat(issued).isBetween(before, after);
        assertThat(leaf.getNotBefore().toInstant())
                .isBetween(issued.minus(Duration.ofHours(16)).minus(BACKDATED), issued.minus(BACKDATED));
        assertThat(leaf.getNotAfter()).isBeforeOrEqualTo(cas().get(0).getNotAfter());
    }

    @Test
    @DisplayName("CERT-03 a short leafTtl under open connections: renewed at two thirds, no connection closed")
    void renewsUnderOpenConnections() throws Exception {
        machine.policies(Machine.P + "  certificates: {leafTtl: 60s}\n");
        App app = machine.app(machine.sidecar());
        try (Load load = Load.start(2, app, "api.example.com")) {
            X509Certificate last = leaf(app, "api.example.com");
            for (int renewal = 1; renewal <= 2; renewal++) {
                clock.forward(Duration.ofSeconds(41));
                wake(renewal);
                X509Certificate held = last;
                eventually(() -> assertThat(leaf(app, "api.example.com").getSerialNumber())
                        .isNotEqualTo(held.getSerialNumber()));
                last = leaf(app, "api.example.com");
                last.checkValidity();
            }
            load.awaitMore(20);
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("CERT-04 the CA: critical CA:TRUE with pathlen 0, keyCertSign and cRLSign, SKI")
    void publishesAProperCa() throws Exception {
        assertThat(cas()).hasSize(2).allSatisfy(ca -> {
            assertThat(ca.getBasicConstraints()).isZero();
            assertThat(ca.getCriticalExtensionOIDs()).contains("2.5.29.19", "2.5.29.15");
            assertThat(ca.getKeyUsage()).containsExactly(false, false, false, false, false, true, true, false, false);
            assertThat(ca.getExtensionValue("2.5.29.14")).isNotNull();
        });
    }

    @Test
    @DisplayName("CERT-06 a bundle that was read before the CA changed verifies leaves of the next CA")
    void keepsOldBundlesGood() throws Exception {
        App app = machine.app(machine.sidecar());
        List<X509Certificate> held = cas();
        X509Certificate before = leafOfAnyTime(app);
        before.verify(held.get(0).getPublicKey());

        // An epoch is 180 days, a slot is hours.
        clock.forward(Duration.ofDays(181));
        wake(0);

        eventually(() -> assertThat(leafOfAnyTime(app).getSerialNumber()).isNotEqualTo(before.getSerialNumber()));
        X509Certificate after = leafOfAnyTime(app);
        after.verify(held.get(1).getPublicKey());
        assertThat(after.getIssuerX500Principal()).isEqualTo(held.get(1).getSubjectX500Principal());
        assertThat(after.getIssuerX500Principal()).isNotEqualTo(before.getIssuerX500Principal());
    }

    @Test
    @DisplayName("CERT-07 the sidecar lives after thousands of bytes that are no server name")
    void survivesOddHellos() throws Exception {
        TestSidecar sidecar = machine.sidecar();
        App app = machine.app(sidecar);
        for (int i = 0; i < 50; i++) {
            try (RawConnection connection = RawConnection.tunnel(sidecar.proxy(), "api.example.com:443")) {
                connection.send(new byte[] {22, 3, 1, (byte) i, (byte) (i * 7), 1, 0, (byte) i});
            }
        }
        assertThat(app.get("api.example.com", "/e").status()).isEqualTo(200);
        assertThat(sidecar.isAlive()).isTrue();
    }

    @Test
    @DisplayName("CERT-13 no file that apps or sidecars read holds a private key")
    void writesNoPrivateKeys() throws IOException {
        machine.sidecar();
        try (Stream<Path> files = Files.walk(machine.directory())) {
            assertThat(files.filter(Files::isRegularFile)
                            .filter(file -> !file.endsWith("state/seed"))
                            .toList())
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                            .doesNotContain("PRIVATE KEY"));
        }
    }

    /** The control plane sleeps until the next renewal by a clock that goes on; an edit makes it look at the one that was set forward. */
    private void wake(int number) {
        machine.file("wake.yaml", """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: wake-%d, namespace: agents}
                spec: {hosts: []}
                """.formatted(number));
    }

    private static X509Certificate leaf(App app, String name) throws IOException {
        try (RawConnection connection = app.tls(name)) {
            return (X509Certificate) connection.serverCertificates()[0];
        }
    }

    private static X509Certificate leafOfAnyTime(App app) throws IOException {
        try (RawConnection connection = RawConnection.tunnel(app.proxy(), "api.example.com:443")
                .startTls(TlsClient.trustingEveryone().to("api.example.com"))) {
            return (X509Certificate) connection.serverCertificates()[0];
        }
    }

    private List<X509Certificate> cas() throws Exception {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(machine.caFile(Machine.AGENTS_P))))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }
}
