package dev.sallyport.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One query with one question (RFC 1035), and what is answered to it.
 *
 * @param question the bytes of the question as text, one character a byte
 */
record DnsMessage(int id, int flags, String question, String name, int type) {
    private static final int HEADER = 12;
    private static final int A = 1;
    private static final int AAAA = 28;
    private static final int NXDOMAIN = 3;
    private static final int TTL_SECONDS = 1;

    static DnsMessage parse(byte[] query) {
        ByteBuffer buffer = ByteBuffer.wrap(query);
        int id = Short.toUnsignedInt(buffer.getShort());
        int flags = Short.toUnsignedInt(buffer.getShort());
        buffer.position(HEADER);
        StringBuilder name = new StringBuilder();
        for (int length = buffer.get(); length > 0; length = buffer.get()) {
            byte[] label = new byte[length];
            buffer.get(label);
            name.append(new String(label, StandardCharsets.US_ASCII)).append('.');
        }
        int type = Short.toUnsignedInt(buffer.getShort());
        buffer.getShort();
        byte[] question = new byte[buffer.position() - HEADER];
        buffer.position(HEADER);
        buffer.get(question);
        return new DnsMessage(id, flags, new String(question, StandardCharsets.ISO_8859_1), name.toString(), type);
    }

    /** With these addresses, those of the type that was asked for; null: there is no such name. */
    byte[] answer(@Nullable List<InetAddress> addresses) {
        List<InetAddress> wanted = addresses == null
                ? List.of()
                : addresses.stream().filter(this::isWanted).toList();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeShort(id);
            // QR, AA and RA; RD as it was asked.
            out.writeShort(0x8480 | (flags & 0x0100) | (addresses == null ? NXDOMAIN : 0));
            out.writeShort(1);
            out.writeShort(wanted.size());
            out.writeInt(0);
            out.write(question.getBytes(StandardCharsets.ISO_8859_1));
            for (InetAddress address : wanted) {
                // A pointer to the name in the question.
                out.writeShort(0xC000 | HEADER);
                out.writeShort(type);
                out.writeShort(1);
                out.writeInt(TTL_SECONDS);
                out.writeShort(bytes(address).length);
                out.write(bytes(address));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private boolean isWanted(InetAddress address) {
        return type == A && address instanceof Inet4Address || type == AAAA && address instanceof Inet6Address;
    }

    private static byte[] bytes(InetAddress address) {
        return address.getAddress();
    }
}
