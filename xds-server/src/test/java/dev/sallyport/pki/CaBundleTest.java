package dev.sallyport.pki;

import static dev.sallyport.pki.Fixtures.SEED;
import static dev.sallyport.pki.Fixtures.WORKLOAD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CaBundleTest {
    private final TestClock clock = TestClock.at("2026-11-21T12:00:00Z");
    private final WorkloadCas cas = new WorkloadCas(SEED, clock);

    @Test
    void sortsAndDropsDoubles() {
        List<String> pems = new ArrayList<>(IntStream.range(0, 10)
                .mapToObj(i -> cas.current(new PolicyId("ns", "p" + i)).pem())
                .toList());
        String expected = String.join("", pems);
        pems.addAll(List.copyOf(pems));
        Random random = new Random(1);
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(pems, random);
            CaBundle bundle = CaBundle.parse("x.pem", String.join("", pems));

            assertThat(bundle.pem()).isEqualTo(expected);
            assertThat(bundle.size()).isEqualTo(10);
            assertThat(bundle.problems()).isEmpty();
        }
    }

    @Test
    void takesCommentsAndWindowsLineEnds() {
        String pem = cas.current(WORKLOAD).pem();

        CaBundle bundle =
                CaBundle.parse("x.pem", "# Ein Kommentar: \u00fc\r\n" + pem.replace("\n", "\r\n") + "the end");

        assertThat(bundle.pem()).isEqualTo(pem);
        assertThat(bundle.problems()).isEmpty();
    }

    @Test
    void saysWhatItLeavesOutAndKeepsTheRest() {
        String ca = cas.current(WORKLOAD).pem();
        LeafCertificate leaf = new LeafIssuer(SEED, cas, clock).issue(WORKLOAD, "a.example", Duration.ofHours(1));
        byte[] der = cas.current(WORKLOAD).der();
        byte[] cut = Arrays.copyOf(der, der.length - 1);
        byte[] junkBehind = Arrays.copyOf(der, der.length + 1);
        String text = leaf.keyPem()
                + leaf.chainPem()
                + Pem.encode(Pem.CERTIFICATE, cut)
                + Pem.encode(Pem.CERTIFICATE, junkBehind)
                + Pem.encode(Pem.CERTIFICATE, indefiniteLength(der))
                + Pem.encode(Pem.CERTIFICATE, new byte[] {0x30, 0})
                + "-----BEGIN CERTIFICATE-----\n%%%%\n-----END CERTIFICATE-----\n"
                + ca
                + "-----BEGIN CERTIFICATE-----\nMIIB";

        CaBundle bundle = CaBundle.parse("x.pem", text);

        assertThat(bundle.pem()).isEqualTo(ca);
        assertThat(bundle.problems())
                .containsExactlyInAnyOrder(
                        "x.pem, block 1: PRIVATE KEY (expected: CERTIFICATE)",
                        "x.pem, block 2: not the certificate of a CA: O=Sallyport",
                        "x.pem, block 3: not DER (no certificate)",
                        "x.pem, block 4: not DER (no certificate)",
                        "x.pem, block 5: not DER (a certificate in another encoding)",
                        "x.pem, block 6: not an X.509 certificate",
                        "x.pem, block 7: not Base64",
                        "x.pem, block 9: no line -----END CERTIFICATE-----");
        String keyBody = leaf.keyPem().lines().skip(1).findFirst().orElseThrow();
        assertThat(bundle.problems()).noneMatch(problem -> problem.contains(keyBody));
    }

    @Test
    void nothingIsNothing() {
        assertThat(CaBundle.parse("x.pem", "").size()).isZero();
        assertThat(CaBundle.parse("x.pem", "").pem()).isEmpty();
    }

    /** BER of the same certificate, which Java takes and BoringSSL does not. */
    private static byte[] indefiniteLength(byte[] der) {
        int content = der.length - 4;
        assertThat(der[1]).as("a length of two bytes").isEqualTo((byte) 0x82);
        byte[] ber = new byte[2 + content + 2];
        ber[0] = 0x30;
        ber[1] = (byte) 0x80;
        System.arraycopy(der, 4, ber, 2, content);
        assertThat(Base64.getEncoder().encodeToString(ber)).startsWith("MIA");
        return ber;
    }
}
