package dev.sallyport.pki;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The CAs that the rest of the world uses: what upstreams are verified with, and what apps need for passthrough hosts. Immutable. */
public final class PublicRoots {
    /** Where systems keep their bundle, as Go's crypto/x509 looks for it. */
    private static final List<Path> WELL_KNOWN = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"), // Debian, Ubuntu, Gentoo, Arch, Alpine
            Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"), // RHEL, CentOS, Fedora
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"), // RHEL 6, Amazon Linux
            Path.of("/etc/ssl/ca-bundle.pem"), // SUSE
            Path.of("/etc/pki/tls/cacert.pem"), // OpenELEC
            Path.of("/usr/local/etc/ssl/cert.pem"), // FreeBSD
            Path.of("/usr/local/share/certs/ca-root-nss.crt"), // FreeBSD, DragonFly
            Path.of("/etc/openssl/certs/ca-certificates.crt"), // NetBSD
            Path.of("/etc/ssl/cert.pem")); // Alpine, OpenBSD, macOS

    /** The largest bundle that is read, 16 MiB: about 60 times that of Debian. */
    private static final long MAX_BYTES = 16 << 20;

    private final String origin;
    private final CaBundle bundle;
    private final byte[] trustStoreBags;

    private PublicRoots(String origin, CaBundle bundle) {
        this.origin = origin;
        this.bundle = bundle;
        this.trustStoreBags = PasswordlessTrustStore.bags(bundle.ders());
    }

    /**
     * Reads {@code file}; without it the first bundle of the system that has certificates in it; without that Java's own trust store.
     *
     * @throws IOException when there is not one usable certificate; the message is for people
     */
    public static PublicRoots load(Optional<Path> file) throws IOException {
        return file.isPresent() ? fromFile(file.get()) : fromSystem(WELL_KNOWN);
    }

    static PublicRoots fromSystem(List<Path> candidates) throws IOException {
        for (Path candidate : candidates) {
            if (Files.isReadable(candidate) && Files.isRegularFile(candidate)) {
                CaBundle bundle = read(candidate);
                if (bundle.size() > 0) {
                    return new PublicRoots(candidate.toString(), bundle);
                }
            }
        }
        return notEmpty("Java's trust store", fromJava());
    }

    private static PublicRoots fromFile(Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IOException(
                    "public roots " + file + ": no file that can be read (expected: CA certificates, PEM)");
        }
        return notEmpty(file.toString(), read(file));
    }

    private static CaBundle read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MAX_BYTES) {
            throw new IOException(
                    "public roots " + file + ": " + size + " bytes (expected: at most " + MAX_BYTES + ")");
        }
        // PEM is ASCII; comments may be in any encoding.
        return CaBundle.parse(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
    }

    private static PublicRoots notEmpty(String origin, CaBundle bundle) throws IOException {
        if (bundle.size() == 0) {
            String problems = bundle.problems().isEmpty() ? "" : ": " + String.join("; ", bundle.problems());
            throw new IOException("public roots " + origin
                    + ": no CA certificate in it (expected: at least one, PEM); install the ca-certificates package or name a file"
                    + problems);
        }
        return new PublicRoots(origin, bundle);
    }

    private static CaBundle fromJava() throws IOException {
        List<PemReader.Block> blocks = new ArrayList<>();
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            @Nullable KeyStore javasOwn = null;
            factory.init(javasOwn);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    for (X509Certificate certificate : x509.getAcceptedIssuers()) {
                        blocks.add(new PemReader.Block("Java's trust store", certificate.getEncoded()));
                    }
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("public roots: Java's trust store cannot be read: " + e.getMessage(), e);
        }
        return CaBundle.of(blocks, List.of());
    }

    /** PEM text, sorted, without doubles. */
    public String pem() {
        return bundle.pem();
    }

    /** Number of certificates. */
    public int size() {
        return bundle.size();
    }

    /** Where they are from: a path, or a name for people. */
    public String origin() {
        return origin;
    }

    /** Certificates that were left out, and why; one sentence each. Worth a warning: apps that need one of them fail. */
    public List<String> problems() {
        return bundle.problems();
    }

    byte[] trustStoreBags() {
        return trustStoreBags;
    }

    @Override
    public String toString() {
        return bundle + " from " + origin;
    }
}
