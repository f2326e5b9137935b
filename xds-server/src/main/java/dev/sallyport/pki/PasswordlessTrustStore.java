package dev.sallyport.pki;

import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.CertBag;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Pfx;
import org.bouncycastle.asn1.pkcs.SafeBag;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * A PKCS #12 file of trusted certificates (RFC 7292) that is neither encrypted nor signed, so that Java opens it without {@code trustStorePassword}; with a password in it, and none given, Java silently trusts nobody.
 * Written by hand, because {@link java.security.KeyStore} needs JDK 18 or system-wide properties for that, and puts the time of day in.
 */
final class PasswordlessTrustStore {
    /** Without this attribute Java does not take a certificate for a trusted one. It is the JDK's own: sun.security.pkcs12.PKCS12KeyStore. */
    private static final ASN1ObjectIdentifier TRUSTED_KEY_USAGE =
            new ASN1ObjectIdentifier("2.16.840.1.113894.746875.1.1");

    static byte[] of(List<byte[]> certificates) {
        ASN1Encodable[] bags =
                certificates.stream().map(PasswordlessTrustStore::bag).toArray(ASN1Encodable[]::new);
        ContentInfo contents = data(new DERSequence(bags));
        return Der.encode(new Pfx(data(new DERSequence(contents)), null));
    }

    private static SafeBag bag(byte[] certificate) {
        String alias = HexFormat.of().formatHex(Sha256.of(certificate));
        return new SafeBag(
                PKCSObjectIdentifiers.certBag,
                new CertBag(PKCSObjectIdentifiers.x509Certificate, new DEROctetString(certificate)),
                new DERSet(new ASN1Encodable[] {
                    attribute(PKCSObjectIdentifiers.pkcs_9_at_friendlyName, new DERBMPString(alias)),
                    attribute(TRUSTED_KEY_USAGE, KeyPurposeId.anyExtendedKeyUsage)
                }));
    }

    private static DERSequence attribute(ASN1ObjectIdentifier id, ASN1Encodable value) {
        return new DERSequence(new ASN1Encodable[] {id, new DERSet(value)});
    }

    private static ContentInfo data(ASN1Encodable content) {
        return new ContentInfo(PKCSObjectIdentifiers.data, new DEROctetString(Der.encode(content)));
    }

    private PasswordlessTrustStore() {}
}
