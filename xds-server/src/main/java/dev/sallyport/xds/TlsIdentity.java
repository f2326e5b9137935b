package dev.sallyport.xds;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** The certificate chain that the server shows, leaf first, and its key. Prints no key. */
public final class TlsIdentity {
    private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String KEY_END = "-----END PRIVATE KEY-----";

    private final List<X509Certificate> chain;
    private final PrivateKey key;

    public TlsIdentity(List<X509Certificate> chain, PrivateKey key) {
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("certificate chain: empty (expected: at least one certificate)");
        }
        this.chain = List.copyOf(chain);
        this.key = key;
    }

    /**
     * Reads PEM text.
     *
     * @param chain certificates, leaf first
     * @param key a PKCS #8 EC key
     * @throws IllegalArgumentException if either cannot be read; says which, and never what the key is
     */
    public static TlsIdentity ofPem(String chain, String key) {
        try {
            List<X509Certificate> certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(chain.getBytes(StandardCharsets.US_ASCII)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            return new TlsIdentity(certificates, privateKey(key));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("certificate chain: no certificates in PEM form", e);
        }
    }

    private static PrivateKey privateKey(String pem) {
        int begin = pem.indexOf(KEY_BEGIN);
        int end = pem.indexOf(KEY_END);
        if (begin >= 0 && end > begin) {
            try {
                byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + KEY_BEGIN.length(), end));
                return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                // The same as no key at all; the cause could quote it.
                throw notAKey();
            }
        }
        throw notAKey();
    }

    private static IllegalArgumentException notAKey() {
        return new IllegalArgumentException("private key: not an EC key (expected: PKCS #8 in PEM form)");
    }

    /** Whether it shows the same certificates; their key is then the same too. */
    boolean isSameAs(TlsIdentity other) {
        return chain.equals(other.chain);
    }

    X509Certificate[] chain() {
        return chain.toArray(X509Certificate[]::new);
    }

    PrivateKey key() {
        return key;
    }

    @Override
    public String toString() {
        return "TLS identity of " + chain.get(0).getSubjectX500Principal();
    }
}
