package dev.sallyport.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The first message of a TLS client (RFC 5246), with names and versions that no library would send. */
public final class ClientHello {
    /** TLS 1.1. */
    public static final int TLS_1_1 = 0x0302;

    /** TLS 1.2. */
    public static final int TLS_1_2 = 0x0303;

    /** The whole record, ready to be sent. */
    public static byte[] of(int version, String serverName) {
        byte[] name = serverName.getBytes(StandardCharsets.ISO_8859_1);
        byte[] extensions = bytes(out -> {
            out.writeShort(0);
            out.writeShort(name.length + 5);
            out.writeShort(name.length + 3);
            out.writeByte(0);
            out.writeShort(name.length);
            out.write(name);
            // supported_groups: secp256r1
            out.write(new byte[] {0, 10, 0, 4, 0, 2, 0, 23});
            // signature_algorithms: ecdsa_secp256r1_sha256, rsa_pkcs1_sha256, ecdsa_sha1
            out.write(new byte[] {0, 13, 0, 8, 0, 6, 4, 3, 4, 1, 2, 3});
        });
        byte[] body = bytes(out -> {
            out.writeShort(version);
            out.write(new byte[32]);
            out.writeByte(0);
            // ECDHE-ECDSA-AES128-GCM-SHA256 and, for what is older than TLS 1.2, ECDHE-ECDSA-AES128-SHA.
            out.write(new byte[] {0, 4, (byte) 0xC0, 0x2B, (byte) 0xC0, 0x09});
            out.write(new byte[] {1, 0});
            out.writeShort(extensions.length);
            out.write(extensions);
        });
        return bytes(out -> {
            out.writeByte(22);
            out.writeShort(0x0301);
            out.writeShort(body.length + 4);
            out.writeByte(1);
            out.writeByte(0);
            out.writeShort(body.length);
            out.write(body);
        });
    }

    private interface Content {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            content.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private ClientHello() {}
}
