package dev.sallyport.pki;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/**
 * Keys on the curve P-256, with BouncyCastle's lightweight API: measured on JDK 17, it makes a key and a signature in a fifth of the time that the JDK's own provider takes, and it can sign as RFC 6979 says.
 */
final class P256 {
    static final AlgorithmIdentifier ECDSA_WITH_SHA256 = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

    /** 128 bits more than the order has, so that what is left of the bias after the reduction is below 2^-128. */
    static final int DERIVED_LENGTH = 48;

    private static final int BITS = 256;
    private static final AlgorithmIdentifier EC_KEY =
            new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, SECObjectIdentifiers.secp256r1);
    static final ECDomainParameters CURVE = new ECDomainParameters(CustomNamedCurves.getByName("secp256r1"));
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The key of {@value #DERIVED_LENGTH} uniform bytes. */
    static ECPrivateKeyParameters derived(byte[] uniform) {
        if (uniform.length != DERIVED_LENGTH) {
            throw new IllegalArgumentException(uniform.length + " bytes (expected: " + DERIVED_LENGTH + ")");
        }
        BigInteger scalar = new BigInteger(1, uniform)
                .mod(CURVE.getN().subtract(BigInteger.ONE))
                .add(BigInteger.ONE);
        return new ECPrivateKeyParameters(scalar, CURVE);
    }

    static ECPrivateKeyParameters random() {
        byte[] uniform = new byte[DERIVED_LENGTH];
        RANDOM.nextBytes(uniform);
        return derived(uniform);
    }

    /** The public key as an uncompressed point. */
    static byte[] publicPoint(ECPrivateKeyParameters key) {
        return new FixedPointCombMultiplier()
                .multiply(CURVE.getG(), key.getD())
                .normalize()
                .getEncoded(false);
    }

    static SubjectPublicKeyInfo publicKeyInfo(byte[] publicPoint) {
        return new SubjectPublicKeyInfo(EC_KEY, publicPoint);
    }

    /** PKCS #8, with the public key inside, so that nobody has to compute it again. */
    static byte[] pkcs8(ECPrivateKeyParameters key, byte[] publicPoint) {
        byte[] sec1 = Der.encode(new ECPrivateKey(BITS, key.getD(), new DERBitString(publicPoint), null));
        return Der.encode(new DERSequence(new ASN1Encodable[] {new ASN1Integer(0), EC_KEY, new DEROctetString(sec1)}));
    }

    /** The same key for Java's own interfaces. */
    static KeyPair keyPair(ECPrivateKeyParameters key) {
        try {
            KeyFactory factory = KeyFactory.getInstance("EC");
            byte[] point = publicPoint(key);
            return new KeyPair(
                    factory.generatePublic(new X509EncodedKeySpec(Der.encode(publicKeyInfo(point)))),
                    factory.generatePrivate(new PKCS8EncodedKeySpec(pkcs8(key, point))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has keys on P-256", e);
        }
    }

    /** The RFC 6979 signature with SHA-256, as a DER sequence: equal inputs, equal bytes. */
    static byte[] sign(ECPrivateKeyParameters key, byte[] message) {
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
        signer.init(true, key);
        BigInteger[] signature = signer.generateSignature(Sha256.of(message));
        return Der.encode(
                new DERSequence(new ASN1Encodable[] {new ASN1Integer(signature[0]), new ASN1Integer(signature[1])}));
    }

    private P256() {}
}
