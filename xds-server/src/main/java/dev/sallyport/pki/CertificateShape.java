package dev.sallyport.pki;

import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERGeneralizedTime;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTCTime;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;

/**
 * What our certificates look like: RFC 5280, and what the strictest verifiers ask for beyond it (Python's {@code VERIFY_X509_STRICT}, Go, BoringSSL, the JDK). Pure: equal inputs, equal bytes.
 */
final class CertificateShape {
    private static final String ORGANIZATION = "Sallyport";
    private static final int KEY_IDENTIFIER_LENGTH = 20;
    private static final DateTimeFormatter UTC_TIME = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'");
    private static final DateTimeFormatter GENERALIZED_TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");
    private static final int FIRST_YEAR_OF_GENERALIZED_TIME = 2050;

    /** Not empty: a few clients read a field of it without looking. The names that count are in the SAN. */
    private static final X500Name LEAF_SUBJECT = new X500NameBuilder(BCStyle.INSTANCE)
            .addRDN(BCStyle.O, ORGANIZATION)
            .build();

    /** How issued certificates refer to their CA. */
    record Issuer(X500Name name, SubjectKeyIdentifier keyIdentifier) {}

    /** What is particular to one certificate; the times are cut to seconds. */
    record Terms(BigInteger serial, Instant notBefore, Instant notAfter) {}

    static Issuer issuer(String commonName, SubjectPublicKeyInfo publicKey) {
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, ORGANIZATION)
                .addRDN(BCStyle.CN, commonName)
                .build();
        return new Issuer(name, keyIdentifier(publicKey));
    }

    /** A self-signed CA that may issue end-entity certificates only; to be {@link #signed}. */
    static TBSCertificate ca(Issuer issuer, Terms terms, SubjectPublicKeyInfo publicKey) {
        Extensions extensions = new Extensions(new Extension[] {
            extension(Extension.basicConstraints, true, new BasicConstraints(0)),
            extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)),
            extension(Extension.subjectKeyIdentifier, false, issuer.keyIdentifier())
        });
        return certificate(issuer, terms, issuer.name(), publicKey, extensions);
    }

    /** A TLS server's certificate; to be {@link #signed}. */
    static TBSCertificate leaf(Issuer issuer, Terms terms, List<String> dnsNames, SubjectPublicKeyInfo publicKey) {
        GeneralName[] names = dnsNames.stream()
                .map(name -> new GeneralName(GeneralName.dNSName, name))
                .toArray(GeneralName[]::new);
        Extensions extensions = new Extensions(new Extension[] {
            extension(Extension.basicConstraints, true, new BasicConstraints(false)),
            // BoringSSL refuses to load an ECDSA leaf that may encipher keys only.
            extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature)),
            extension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth)),
            extension(Extension.subjectKeyIdentifier, false, keyIdentifier(publicKey)),
            extension(Extension.authorityKeyIdentifier, false, authorityKeyIdentifier(issuer)),
            extension(Extension.subjectAlternativeName, false, new GeneralNames(names))
        });
        return certificate(issuer, terms, LEAF_SUBJECT, publicKey, extensions);
    }

    static byte[] signed(TBSCertificate certificate, ECPrivateKeyParameters issuerKey) {
        byte[] signature = P256.sign(issuerKey, Der.encode(certificate));
        return Der.encode(new DERSequence(
                new ASN1Encodable[] {certificate, P256.ECDSA_WITH_SHA256, new DERBitString(signature)}));
    }

    private static TBSCertificate certificate(
            Issuer issuer, Terms terms, X500Name subject, SubjectPublicKeyInfo publicKey, Extensions extensions) {
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(terms.serial()));
        generator.setSignature(P256.ECDSA_WITH_SHA256);
        generator.setIssuer(issuer.name());
        generator.setStartDate(time(terms.notBefore()));
        generator.setEndDate(time(terms.notAfter()));
        generator.setSubject(subject);
        generator.setSubjectPublicKeyInfo(publicKey);
        generator.setExtensions(extensions);
        return generator.generateTBSCertificate();
    }

    /** RFC 5280 section 4.1.2.5: two-digit years through 2049. */
    private static Time time(Instant instant) {
        ZonedDateTime utc = instant.atZone(ZoneOffset.UTC);
        ASN1Primitive time = utc.getYear() < FIRST_YEAR_OF_GENERALIZED_TIME
                ? new DERUTCTime(UTC_TIME.format(utc))
                : new DERGeneralizedTime(GENERALIZED_TIME.format(utc));
        return Time.getInstance(time);
    }

    /** RFC 7093 method 1. */
    private static SubjectKeyIdentifier keyIdentifier(SubjectPublicKeyInfo publicKey) {
        byte[] hash = Sha256.of(publicKey.getPublicKeyData().getOctets());
        return new SubjectKeyIdentifier(Arrays.copyOf(hash, KEY_IDENTIFIER_LENGTH));
    }

    private static AuthorityKeyIdentifier authorityKeyIdentifier(Issuer issuer) {
        return new AuthorityKeyIdentifier(issuer.keyIdentifier().getKeyIdentifier());
    }

    private static Extension extension(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
        return new Extension(id, critical, Der.encode(value));
    }

    private CertificateShape() {}
}
