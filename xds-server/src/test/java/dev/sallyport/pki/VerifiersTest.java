package dev.sallyport.pki;

import static dev.sallyport.pki.Fixtures.SEED;
import static dev.sallyport.pki.Fixtures.WORKLOAD;
import static dev.sallyport.pki.Fixtures.x509;
import static dev.sallyport.pki.Fixtures.x509s;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.pki.Programs.Answer;
import dev.sallyport.policy.PolicyId;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real verifiers judge real certificates, at the time of day: BoringSSL does in the tests with Envoy. */
class VerifiersTest {
    private static final String HOST = "api.example.com";

    @TempDir
    Path directory;

    private final Clock clock = Clock.systemUTC();
    private final WorkloadCas cas = new WorkloadCas(SEED, clock);

    @BeforeEach
    void writeCertificates() throws Exception {
        LeafCertificate leaf = new LeafIssuer(SEED, cas, clock).issue(WORKLOAD, HOST, Duration.ofHours(24));
        Files.writeString(directory.resolve("leaf.pem"), leaf.chainPem());
        Files.writeString(directory.resolve("key.pem"), leaf.keyPem());
        Files.writeString(directory.resolve("ca.pem"), cas.bundlePem(WORKLOAD));
        Files.writeString(directory.resolve("other-ca.pem"), cas.bundlePem(new PolicyId("agents", "other")));
        writeSloppyCertificates();
    }

    @Test
    @DisplayName("CERT-04 OpenSSL accepts them at its strictest")
    void opensslAcceptsThem() throws Exception {
        accepts((ca, host) -> Programs.run(
                directory,
                List.of(
                        "openssl",
                        "verify",
                        "-x509_strict",
                        "-check_ss_sig",
                        "-purpose",
                        "sslserver",
                        "-verify_hostname",
                        host,
                        "-CAfile",
                        ca,
                        "leaf.pem")));
    }

    @Test
    @DisplayName(
            "CERT-04 Python accepts them in a handshake with VERIFY_X509_STRICT, which 3.13 turns on for everybody")
    void pythonAcceptsThem() throws Exception {
        String script = Programs.resource(directory, "handshake.py").toString();

        accepts((ca, host) ->
                Programs.run(directory, List.of("python3", script, "strict", ca, "leaf.pem", "key.pem", host)));
    }

    @Test
    @DisplayName("CERT-04 VERIFY_X509_STRICT refuses a CA without key identifier, which Python takes otherwise")
    void strictMeansStrict() throws Exception {
        String script = Programs.resource(directory, "handshake.py").toString();
        Function<String, List<String>> command =
                mode -> List.of("python3", script, mode, "sloppy-ca.pem", "sloppy-leaf.pem", "sloppy-key.pem", HOST);

        Answer strict = Programs.run(directory, command.apply("strict"));
        Answer lenient = Programs.run(directory, command.apply("lenient"));

        assertThat(lenient.isYes()).as(lenient.output()).isTrue();
        assertThat(strict.isYes()).isFalse();
        assertThat(strict.output()).contains("CERTIFICATE_VERIFY_FAILED");
    }

    @Test
    @DisplayName("CERT-04 Go accepts them in a handshake")
    void goAcceptsThem() throws Exception {
        Programs.resource(directory, "handshake.go.txt");
        Files.move(directory.resolve("handshake.go.txt"), directory.resolve("handshake.go"));
        Answer build = Programs.run(directory, List.of("go", "build", "-o", "handshake", "handshake.go"));
        assertThat(build.isYes()).as(build.output()).isTrue();

        accepts((ca, host) -> Programs.run(directory, List.of("./handshake", ca, "leaf.pem", "key.pem", host)));
    }

    @Test
    @DisplayName("CERT-04 the JDK accepts them")
    void javaAcceptsThem() throws Exception {
        X509Certificate[] chain = {x509(Files.readString(directory.resolve("leaf.pem")))};

        trustManager("ca.pem").checkServerTrusted(chain, "ECDHE_ECDSA");
        assertThat(refused(trustManager("other-ca.pem"), chain)).isTrue();
    }

    /** What is asked of each verifier: yes to ours; no to another CA, and no to another name. */
    private static void accepts(Verifier verifier) throws Exception {
        Answer ours = verifier.judge("ca.pem", HOST);
        Answer otherCa = verifier.judge("other-ca.pem", HOST);
        Answer otherName = verifier.judge("ca.pem", "b.example.com");

        assertThat(ours.isYes()).as(ours.output()).isTrue();
        assertThat(otherCa.isYes()).as(otherCa.output()).isFalse();
        assertThat(otherName.isYes()).as(otherName.output()).isFalse();
    }

    @FunctionalInterface
    private interface Verifier {
        Answer judge(String caFile, String host) throws Exception;
    }

    private X509TrustManager trustManager(String caFile) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (X509Certificate ca : x509s(Files.readString(directory.resolve(caFile)))) {
            store.setCertificateEntry(ca.getSerialNumber().toString(), ca);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return (X509TrustManager) factory.getTrustManagers()[0];
    }

    private static boolean refused(X509TrustManager manager, X509Certificate[] chain) {
        try {
            manager.checkServerTrusted(chain, "ECDHE_ECDSA");
            return false;
        } catch (CertificateException e) {
            return true;
        }
    }

    /** A CA as many make it by hand: no key usage, no key identifier; and our kind of leaf from it. */
    private void writeSloppyCertificates() throws Exception {
        Instant now = clock.instant();
        ECPrivateKeyParameters caKey = P256.random();
        SubjectPublicKeyInfo caPublicKey = P256.publicKeyInfo(P256.publicPoint(caKey));
        CertificateShape.Issuer issuer = CertificateShape.issuer("sloppy", caPublicKey);
        CertificateShape.Terms terms = new CertificateShape.Terms(
                BigInteger.TEN, now.minus(Duration.ofHours(1)), now.plus(Duration.ofHours(1)));
        Files.writeString(
                directory.resolve("sloppy-ca.pem"),
                Pem.encode(
                        Pem.CERTIFICATE, CertificateShape.signed(sloppyCa(issuer.name(), terms, caPublicKey), caKey)));

        ECPrivateKeyParameters leafKey = P256.random();
        byte[] point = P256.publicPoint(leafKey);
        TBSCertificate leaf = CertificateShape.leaf(issuer, terms, List.of(HOST), P256.publicKeyInfo(point));
        Files.writeString(
                directory.resolve("sloppy-leaf.pem"),
                Pem.encode(Pem.CERTIFICATE, CertificateShape.signed(leaf, caKey)));
        Files.writeString(directory.resolve("sloppy-key.pem"), Pem.encode(Pem.PRIVATE_KEY, P256.pkcs8(leafKey, point)));
    }

    private static TBSCertificate sloppyCa(
            X500Name name, CertificateShape.Terms terms, SubjectPublicKeyInfo publicKey) {
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(BigInteger.ONE));
        generator.setSignature(P256.ECDSA_WITH_SHA256);
        generator.setIssuer(name);
        generator.setSubject(name);
        generator.setStartDate(new Time(Date.from(terms.notBefore())));
        generator.setEndDate(new Time(Date.from(terms.notAfter())));
        generator.setSubjectPublicKeyInfo(publicKey);
        generator.setExtensions(new Extensions(
                new Extension(Extension.basicConstraints, false, Der.encode(new BasicConstraints(true)))));
        return generator.generateTBSCertificate();
    }
}
