package dev.sallyport.pki;

import dev.sallyport.pki.CertificateShape.Issuer;
import dev.sallyport.pki.CertificateShape.Terms;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;

/** A CA of one epoch and its key, which never leaves this class. Everything about it follows from the root seed. Immutable, thread-safe. */
final class CertificateAuthority {
    /** Before its time, for verifiers with a slow clock. */
    static final Duration BACKDATED = Duration.ofMinutes(5);

    private static final int SERIAL_LENGTH = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ECPrivateKeyParameters key;
    private final Issuer issuer;
    private final CaCertificate certificate;

    private CertificateAuthority(ECPrivateKeyParameters key, Issuer issuer, CaCertificate certificate) {
        this.key = key;
        this.issuer = issuer;
        this.certificate = certificate;
    }

    /**
     * The CA of {@code owner} in {@code epoch}.
     *
     * @param purpose keeps CAs of one kind apart from those of another
     * @param owner what tells the CAs of one kind apart
     */
    static CertificateAuthority derive(RootSeed seed, String purpose, List<String> owner, Epochs epochs, long epoch) {
        String[] context = new String[owner.size() + 2];
        owner.toArray(context);
        context[owner.size()] = Long.toString(epochs.length().toSeconds());
        context[owner.size() + 1] = Long.toString(epoch);
        ECPrivateKeyParameters key = P256.derived(seed.derive(purpose + " key", P256.DERIVED_LENGTH, context));
        BigInteger serial = serial(seed.derive(purpose + " serial", SERIAL_LENGTH, context));
        SubjectPublicKeyInfo publicKey = P256.publicKeyInfo(P256.publicPoint(key));
        Issuer issuer = CertificateShape.issuer(commonName(purpose, owner, epoch), publicKey);
        Terms terms = new Terms(serial, epochs.notBefore(epoch), epochs.notAfter(epoch));
        byte[] der = CertificateShape.signed(CertificateShape.ca(issuer, terms, publicKey), key);
        return new CertificateAuthority(
                key, issuer, new CaCertificate(epoch, terms.notBefore(), terms.notAfter(), der));
    }

    CaCertificate certificate() {
        return certificate;
    }

    /** Issues a certificate for servers of these names, valid from shortly before {@code from} for {@code life} from now, but not longer than the CA. */
    LeafCertificate issue(List<String> dnsNames, Instant from, Instant now, Duration life) {
        ECPrivateKeyParameters leafKey = P256.random();
        byte[] point = P256.publicPoint(leafKey);
        Instant notBefore = earlier(from, now).minus(BACKDATED);
        Instant notAfter = earlier(now.plus(life), certificate.notAfter());
        Terms terms = new Terms(randomSerial(), notBefore, notAfter);
        byte[] der =
                CertificateShape.signed(CertificateShape.leaf(issuer, terms, dnsNames, P256.publicKeyInfo(point)), key);
        return new LeafCertificate(dnsNames, der, P256.pkcs8(leafKey, point), notBefore, notAfter);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static BigInteger randomSerial() {
        byte[] bytes = new byte[SERIAL_LENGTH];
        RANDOM.nextBytes(bytes);
        return serial(bytes);
    }

    /** Positive, never zero, always of the same length: 126 bits that vary. */
    private static BigInteger serial(byte[] bytes) {
        byte[] fixed = Arrays.copyOf(bytes, SERIAL_LENGTH);
        fixed[0] = (byte) ((fixed[0] & 0x3f) | 0x40);
        return new BigInteger(1, fixed);
    }

    /** For people; the key identifiers are what tells CAs apart. 64 characters are the most that X.520 lets a name have. */
    private static String commonName(String purpose, List<String> owner, long epoch) {
        String suffix = " " + epoch;
        String name = owner.isEmpty() ? purpose : String.join("/", owner);
        return name.substring(0, Math.min(name.length(), 64 - suffix.length())) + suffix;
    }
}
