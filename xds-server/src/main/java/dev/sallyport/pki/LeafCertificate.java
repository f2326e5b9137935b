package dev.sallyport.pki;

import java.time.Instant;
import java.util.List;

/** A server's certificate and its key. Prints without the key; not serialisable. Immutable. */
public final class LeafCertificate {
    private final List<String> dnsNames;
    private final String chainPem;
    private final String keyPem;
    private final Instant notBefore;
    private final Instant notAfter;

    LeafCertificate(List<String> dnsNames, byte[] certificate, byte[] pkcs8, Instant notBefore, Instant notAfter) {
        this.dnsNames = List.copyOf(dnsNames);
        this.chainPem = Pem.encode(Pem.CERTIFICATE, certificate);
        this.keyPem = Pem.encode(Pem.PRIVATE_KEY, pkcs8);
        this.notBefore = notBefore;
        this.notAfter = notAfter;
    }

    /** The certificate. Its issuer is a root that the other side holds, so it is not in here. */
    public String chainPem() {
        return chainPem;
    }

    /** The private key, PKCS #8: a secret of whoever serves these names. */
    public String keyPem() {
        return keyPem;
    }

    public Instant notBefore() {
        return notBefore;
    }

    public Instant notAfter() {
        return notAfter;
    }

    @Override
    public String toString() {
        return "certificate for " + String.join(", ", dnsNames) + ", valid " + notBefore + " to " + notAfter;
    }
}
