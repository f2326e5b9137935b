package dev.sallyport.pki;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.CertBag;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.SafeBag;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/**
 * A PKCS #12 file of trusted certificates (RFC 7292) that is neither encrypted nor signed, so that Java opens it without {@code trustStorePassword}; with a password in it, and none given, Java silently trusts nobody.
 * Written by hand: {@link java.security.KeyStore} needs properties of the whole process for that, and puts the time of day in.
 *
 * <p>The bags of the public roots are most of a file, and the same in the files of all workloads: they are encoded once.
 */
final class PasswordlessTrustStore {
    /** Without this attribute Java does not take a certificate for a trusted one. It is the JDK's own: sun.security.pkcs12.PKCS12KeyStore. */
    private static final ASN1ObjectIdentifier TRUSTED_KEY_USAGE =
            new ASN1ObjectIdentifier("2.16.840.1.113894.746875.1.1");

    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int EXPLICIT_0 = 0xa0;
    private static final byte[] DATA = Der.encode(PKCSObjectIdentifiers.data);
    private static final byte[] VERSION = Der.encode(new ASN1Integer(3));

    /** The encoded bags of these certificates, one after the other. */
    static byte[] bags(List<byte[]> certificates) {
        ByteArrayOutputStream bags = new ByteArrayOutputStream();
        for (byte[] certificate : certificates) {
            bags.writeBytes(Der.encode(bag(certificate)));
        }
        return bags.toByteArray();
    }

    /** A file with these {@linkplain #bags bags}. */
    static byte[] of(byte[] bags, byte[] moreBags) {
        byte[] contents = tagged(SEQUENCE, data(tagged(SEQUENCE, bags, moreBags)));
        return tagged(SEQUENCE, VERSION, data(contents));
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

    /** A ContentInfo of the type "data". */
    private static byte[] data(byte[] content) {
        return tagged(SEQUENCE, DATA, tagged(EXPLICIT_0, tagged(OCTET_STRING, content)));
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream der = new ByteArrayOutputStream(length + 6);
        der.write(tag);
        writeLength(der, length);
        for (byte[] part : parts) {
            der.writeBytes(part);
        }
        return der.toByteArray();
    }

    private static void writeLength(ByteArrayOutputStream der, int length) {
        if (length < 0x80) {
            der.write(length);
            return;
        }
        int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
        der.write(0x80 | bytes);
        for (int i = bytes - 1; i >= 0; i--) {
            der.write(length >>> (8 * i));
        }
    }

    private PasswordlessTrustStore() {}
}
