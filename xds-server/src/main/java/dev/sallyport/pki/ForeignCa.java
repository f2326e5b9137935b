package dev.sallyport.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Comparator;
import org.bouncycastle.asn1.ASN1Primitive;

/** A CA certificate that is not ours, checked. Ordered by subject, then content. */
final class ForeignCa implements Comparable<ForeignCa> {
    private static final Comparator<ForeignCa> ORDER =
            Comparator.comparing((ForeignCa ca) -> ca.subject).thenComparing(ca -> ca.der, Arrays::compare);

    private final String subject;
    private final byte[] der;

    /** Says why a certificate cannot be used. */
    static final class Unusable extends Exception {
        Unusable(String message) {
            super(message);
        }
    }

    private ForeignCa(String subject, byte[] der) {
        this.subject = subject;
        this.der = der;
    }

    static ForeignCa parse(byte[] der) throws Unusable {
        requireDer(der);
        X509Certificate certificate = x509(der);
        String subject = certificate.getSubjectX500Principal().getName();
        boolean selfIssuedVersion1 = certificate.getVersion() == 1
                && certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
        if (certificate.getBasicConstraints() < 0 && !selfIssuedVersion1) {
            throw new Unusable("not the certificate of a CA: " + subject);
        }
        return new ForeignCa(subject, der);
    }

    byte[] der() {
        return der.clone();
    }

    /** Java takes BER too, and junk behind the certificate; the TLS library of the sidecar does not. */
    private static void requireDer(byte[] der) throws Unusable {
        try {
            if (!Arrays.equals(der, Der.encode(ASN1Primitive.fromByteArray(der)))) {
                throw new Unusable("not DER (a certificate in another encoding)");
            }
        } catch (IOException | RuntimeException e) {
            throw new Unusable("not DER (no certificate)");
        }
    }

    private static X509Certificate x509(byte[] der) throws Unusable {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new Unusable("not an X.509 certificate");
        }
    }

    @Override
    public int compareTo(ForeignCa other) {
        return ORDER.compare(this, other);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ForeignCa that && Arrays.equals(der, that.der);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(der);
    }
}
