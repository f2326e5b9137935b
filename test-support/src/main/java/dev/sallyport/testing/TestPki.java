package dev.sallyport.testing;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.IPAddress;
import org.jspecify.annotations.Nullable;

/** A certificate authority for test upstreams, and certificates of every kind that a client must and must not accept. */
public final class TestPki {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPair key;
    private final X509Certificate root;

    /** What a TLS server needs, or a client that shows a certificate. */
    public record ServerCertificate(PrivateKey key, X509Certificate certificate) {
        public String certificatePem() {
            return pem(certificate);
        }
    }

    public TestPki(String commonName) {
        this.key = newKey();
        X500Name name = new X500Name("CN=" + commonName);
        Profile authority = new Profile(Validity.GOOD, KeyUsage.keyCertSign | KeyUsage.cRLSign, null);
        this.root = build(authority, new Subject(name, key), new Subject(name, key));
    }

    /** The certificate that clients trust, PEM. */
    public String rootPem() {
        return pem(root);
    }

    public X509Certificate root() {
        return root;
    }

    /** One that verifies for these names, wildcards included, and addresses. */
    public ServerCertificate server(String... names) {
        return issue(Validity.GOOD, KeyUsage.digitalSignature, KeyPurposeId.id_kp_serverAuth, names);
    }

    /** One that ended two days ago. */
    public ServerCertificate expired(String... names) {
        return issue(Validity.OVER, KeyUsage.digitalSignature, KeyPurposeId.id_kp_serverAuth, names);
    }

    /** One whose key must not sign a handshake. */
    public ServerCertificate withoutDigitalSignature(String... names) {
        return issue(Validity.GOOD, KeyUsage.nonRepudiation, KeyPurposeId.id_kp_serverAuth, names);
    }

    /** One for clients only. */
    public ServerCertificate clientOnly(String... names) {
        return issue(Validity.GOOD, KeyUsage.digitalSignature, KeyPurposeId.id_kp_clientAuth, names);
    }

    /** One that a client shows: Kubernetes reads the common name as the user, the organisations as its groups. */
    public ServerCertificate client(String commonName, String... organizations) {
        X500NameBuilder name = new X500NameBuilder(BCStyle.INSTANCE);
        for (String organization : organizations) {
            name.addRDN(BCStyle.O, organization);
        }
        Subject subject = new Subject(name.addRDN(BCStyle.CN, commonName).build(), newKey());
        Profile profile = new Profile(Validity.GOOD, KeyUsage.digitalSignature, KeyPurposeId.id_kp_clientAuth);
        return new ServerCertificate(subject.key().getPrivate(), build(profile, issuer(), subject));
    }

    /** One that nobody vouches for. */
    public static ServerCertificate selfSigned(String... names) {
        Subject self = new Subject(new X500Name("CN=" + names[0]), newKey());
        Profile profile = new Profile(Validity.GOOD, KeyUsage.digitalSignature, KeyPurposeId.id_kp_serverAuth);
        return new ServerCertificate(self.key().getPrivate(), build(profile, self, self, names));
    }

    private ServerCertificate issue(Validity validity, int keyUsage, KeyPurposeId purpose, String... names) {
        Subject subject = new Subject(new X500Name("CN=" + names[0]), newKey());
        Profile profile = new Profile(validity, keyUsage, purpose);
        return new ServerCertificate(subject.key().getPrivate(), build(profile, issuer(), subject, names));
    }

    private Subject issuer() {
        return new Subject(new X500Name(root.getSubjectX500Principal().getName()), key);
    }

    private record Subject(X500Name name, KeyPair key) {}

    private record Profile(
            Validity validity, int keyUsage, @Nullable KeyPurposeId purpose) {}

    private record Validity(Duration from, Duration to) {
        static final Validity GOOD = new Validity(Duration.ofDays(-1), Duration.ofDays(30));
        static final Validity OVER = new Validity(Duration.ofDays(-10), Duration.ofDays(-2));
    }

    private static X509Certificate build(Profile profile, Subject issuer, Subject subject, String... names) {
        Instant now = Instant.now();
        KeyPurposeId purpose = profile.purpose();
        try {
            JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                            issuer.name(),
                            new BigInteger(120, RANDOM),
                            Date.from(now.plus(profile.validity().from())),
                            Date.from(now.plus(profile.validity().to())),
                            subject.name(),
                            subject.key().getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(purpose == null))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(profile.keyUsage()))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            identifiers.createSubjectKeyIdentifier(subject.key().getPublic()));
            if (purpose != null) {
                builder.addExtension(
                                Extension.authorityKeyIdentifier,
                                false,
                                identifiers.createAuthorityKeyIdentifier(
                                        issuer.key().getPublic()))
                        .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            }
            if (names.length > 0) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(names));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                            .build(issuer.key().getPrivate())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static GeneralNames alternativeNames(String... names) {
        return new GeneralNames(Arrays.stream(names)
                .map(name ->
                        new GeneralName(IPAddress.isValid(name) ? GeneralName.iPAddress : GeneralName.dNSName, name))
                .toArray(GeneralName[]::new));
    }

    private static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(X509Certificate certificate) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(certificate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
