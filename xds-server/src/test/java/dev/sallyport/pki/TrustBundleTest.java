package dev.sallyport.pki;

import static dev.sallyport.pki.Fixtures.SEED;
import static dev.sallyport.pki.Fixtures.WORKLOAD;
import static dev.sallyport.pki.Fixtures.x509s;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.testing.TestClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrustBundleTest {
    private static final Path WHERE_APPS_SEE_IT = Path.of("/etc/sallyport/trust");

    @TempDir
    Path directory;

    private final TestClock clock = TestClock.at("2026-11-21T12:00:00Z");
    private final WorkloadCas cas = new WorkloadCas(SEED, clock);
    private PublicRoots roots;

    @BeforeEach
    void readRoots() throws IOException {
        roots = PublicRoots.fromSystem(List.of());
    }

    @Test
    @DisplayName(
            "TRUST-02 ca.pem has the workload's CAs, bundle.pem those and the public roots, wgetrc names bundle.pem")
    void theBundleAddsTheWorkloadsCas() throws Exception {
        SortedMap<String, byte[]> files = withRoots().files(WHERE_APPS_SEE_IT);

        assertThat(files).containsOnlyKeys("bundle.pem", "ca.pem", "truststore", "wgetrc");
        assertThat(text(files, "ca.pem")).isEqualTo(cas.bundlePem(WORKLOAD));
        assertThat(text(files, "bundle.pem")).isEqualTo(cas.bundlePem(WORKLOAD) + roots.pem());
        assertThat(text(files, "wgetrc")).isEqualTo("ca_certificate = /etc/sallyport/trust/bundle.pem\n");
        assertThat(trusted(content(files, "truststore"))).isEqualTo(Set.copyOf(x509s(text(files, "bundle.pem"))));
    }

    @Test
    @DisplayName("TRUST-02 without a passthrough host every file has the workload's CAs alone")
    void withoutPassthroughOnlyTheWorkloadsCasAreTrusted() throws Exception {
        SortedMap<String, byte[]> files =
                TrustBundle.workloadOnly(cas.bundle(WORKLOAD)).files(WHERE_APPS_SEE_IT);

        assertThat(text(files, "bundle.pem")).isEqualTo(text(files, "ca.pem"));
        assertThat(trusted(content(files, "truststore"))).isEqualTo(Set.copyOf(x509s(text(files, "ca.pem"))));
        assertThatThrownBy(() -> TrustBundle.workloadOnly(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void equalCertificatesGiveEqualBytes() {
        assertThat(withRoots().files(WHERE_APPS_SEE_IT))
                .containsExactlyEntriesOf(withRoots().files(WHERE_APPS_SEE_IT));
    }

    @Test
    @DisplayName("TRUST-08 Java opens the trust store without a password")
    void javaOpensTheTrustStoreWithoutAPassword() throws Exception {
        byte[] store = content(withRoots().files(WHERE_APPS_SEE_IT), "truststore");

        assertThat(trusted(store)).hasSize(roots.size() + 2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("javas")
    @DisplayName(
            "TRUST-08 every Java that is to be found trusts what is in the trust store, with nothing but the property set")
    void everyJavaTrustsWhatIsInTheTrustStore(Path java) throws Exception {
        new TrustDirectory(directory).write(withRoots());
        String program = Programs.resource(directory, "CountTrusted.java").toString();

        Programs.Answer answer = Programs.run(
                directory,
                List.of(java.toString(), "-Djavax.net.ssl.trustStore=" + directory.resolve("truststore"), program));

        assertThat(answer.output()).isEqualTo((roots.size() + 2) + "\n");
    }

    @Test
    @DisplayName("TRUST-08 with a password in the file Java would trust nobody, and not say so")
    void aPasswordWouldMakeJavaTrustNobody() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", x509s(cas.bundlePem(WORKLOAD)).get(0));
        Path file = directory.resolve("truststore");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        String program = Programs.resource(directory, "CountTrusted.java").toString();

        Programs.Answer answer = Programs.run(
                directory,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djavax.net.ssl.trustStore=" + file,
                        program));

        assertThat(answer.output()).isEqualTo("0\n");
    }

    @Test
    @DisplayName("CERT-13 the CA's private key is in no file")
    void noFileHasThePrivateKey() {
        ECPrivateKeyParameters key = P256.derived(
                SEED.derive("workload CA key", P256.DERIVED_LENGTH, "agents", "coding-agent", "15552000", "115"));
        byte[] point = P256.publicPoint(key);
        byte[] scalar = BigIntegers.asUnsignedByteArray(32, key.getD());
        SortedMap<String, byte[]> files = withRoots().files(WHERE_APPS_SEE_IT);
        List<byte[]> readable = new ArrayList<>(files.values());
        new PemReader("bundle.pem", text(files, "bundle.pem")).blocks().forEach(block -> readable.add(block.der()));

        assertThat(readable).noneMatch(bytes -> contains(bytes, scalar));
        // It is the right key, and one that is there would be found.
        assertThat(readable).anyMatch(bytes -> contains(bytes, point));
        assertThat(contains(P256.pkcs8(key, point), scalar)).isTrue();
    }

    private static boolean contains(byte[] bytes, byte[] part) {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains(new String(part, StandardCharsets.ISO_8859_1));
    }

    @Test
    void writesWhatChangedAndLeavesTheRestAlone() throws Exception {
        Path trust = directory.resolve("a/trust");
        TrustDirectory files = new TrustDirectory(trust);

        assertThat(files.write(withRoots())).containsExactly("bundle.pem", "ca.pem", "truststore", "wgetrc");
        assertThat(files.write(withRoots())).isEmpty();

        clock.advance(Duration.ofDays(180));
        assertThat(files.write(withRoots())).containsExactly("bundle.pem", "ca.pem", "truststore");
        assertThat(trust.resolve("ca.pem")).hasContent(cas.bundlePem(WORKLOAD));
        assertThat(trust.resolve("wgetrc")).hasContent("ca_certificate = " + trust.resolve("bundle.pem"));

        Files.writeString(trust.resolve("ca.pem"), "tampered");
        Files.delete(trust.resolve("wgetrc"));
        Files.setPosixFilePermissions(trust.resolve("bundle.pem"), AtomicFile.PRIVATE);
        assertThat(files.write(withRoots())).containsExactly("bundle.pem", "ca.pem", "wgetrc");
    }

    @Test
    @DisplayName("FAULT-12 a writer that was killed between two files is made good by the next")
    void aHalfWrittenDirectoryIsMadeGood() throws Exception {
        TrustDirectory files = new TrustDirectory(directory);
        assertThat(files.write(withRoots())).isNotEmpty();
        byte[] oldStore = Files.readAllBytes(directory.resolve("truststore"));
        Set<X509Certificate> before = trusted(oldStore);

        clock.advance(Duration.ofDays(180));
        Files.write(directory.resolve("ca.pem"), content(withRoots().files(directory), "ca.pem"));
        // Half of it new: what the old files trust has the issuer of now.
        assertThat(before).contains(x509s(cas.current(WORKLOAD).pem()).get(0));

        assertThat(files.write(withRoots())).containsExactly("bundle.pem", "truststore");
    }

    @Test
    void everybodyMayReadTheFilesAndNothingElseIsThere() throws Exception {
        new TrustDirectory(directory).write(withRoots());

        try (Stream<Path> files = Files.list(directory)) {
            Set<String> names = new TreeSet<>();
            for (Path file : files.toList()) {
                names.add(String.valueOf(file.getFileName()));
                assertThat(Files.getPosixFilePermissions(file)).isEqualTo(AtomicFile.PUBLIC);
            }
            assertThat(names).containsExactly("bundle.pem", "ca.pem", "truststore", "wgetrc");
        }
    }

    private TrustBundle withRoots() {
        return TrustBundle.withPublicRoots(cas.bundle(WORKLOAD), roots);
    }

    /** The Java that runs this, and those that the environment names as build services do: JAVA_HOME, JAVA_HOME_25_X64. */
    static Stream<Path> javas() {
        Stream<Path> named = System.getenv().entrySet().stream()
                .filter(variable -> variable.getKey().matches("JAVA_HOME(_[0-9]+(_.*)?)?"))
                .map(Map.Entry::getValue)
                .map(Path::of);
        return Stream.concat(Stream.of(Path.of(System.getProperty("java.home"))), named)
                .map(home -> home.resolve("bin/java"))
                .distinct();
    }

    private static String text(SortedMap<String, byte[]> files, String name) {
        return new String(content(files, name), StandardCharsets.UTF_8);
    }

    private static byte[] content(SortedMap<String, byte[]> files, String name) {
        return Objects.requireNonNull(files.get(name), name);
    }

    private static Set<X509Certificate> trusted(byte[] store) throws Exception {
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        keyStore.load(new ByteArrayInputStream(store), null);
        Set<X509Certificate> certificates = new HashSet<>();
        for (String alias : Collections.list(keyStore.aliases())) {
            assertThat(keyStore.isCertificateEntry(alias)).isTrue();
            certificates.add((X509Certificate) keyStore.getCertificate(alias));
        }
        return certificates;
    }
}
