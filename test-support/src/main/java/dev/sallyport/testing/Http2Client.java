package dev.sallyport.testing;

import dev.sallyport.testing.UpstreamRequest.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** HTTP/2 frame by frame (RFC 9113), for what no library would send. Not safe for use by several threads. */
public final class Http2Client {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;
    private static final int ACK = 1;
    private static final int PADDED_OR_PRIORITY = 0x28;

    private final RawConnection connection;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

    /**
     * One frame as it came.
     *
     * @param payload one character a byte
     */
    public record Frame(int type, int flags, int stream, String payload) {
        public boolean endsStream() {
            return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        }
    }

    /** The preface is sent at once. The connection stays the caller's to close. */
    public Http2Client(RawConnection connection) throws IOException {
        this.connection = connection;
        this.in = new DataInputStream(connection.in());
        connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        send(SETTINGS, 0, 0, new byte[0]);
    }

    public void send(int type, int flags, int stream, byte[] payload) throws IOException {
        connection.send(frame(type, flags, stream, payload));
    }

    /** A frame as bytes, so that many can be sent at once. */
    public static byte[] frame(int type, int flags, int stream, byte[] payload) {
        ByteBuf frame = Unpooled.buffer(9 + payload.length)
                .writeMedium(payload.length)
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream)
                .writeBytes(payload);
        return frame.array();
    }

    /** Sends a request head. */
    public void request(int stream, boolean end, Header... headers) throws IOException {
        send(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block(headers));
    }

    /** A header block of literals, indexed nowhere. */
    public static byte[] block(Header... headers) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (Header header : headers) {
            block.write(0);
            literal(block, header.name());
            literal(block, header.value());
        }
        return block.toByteArray();
    }

    /** The next frame; null at the end of the connection. Acknowledges settings and pings on the way, and returns them. */
    public @Nullable Frame next() throws IOException {
        int length;
        try {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            length = first << 16 | in.readUnsignedShort();
        } catch (SocketException | SSLException ended) {
            return null;
        }
        Frame frame = new Frame(
                in.readUnsignedByte(),
                in.readUnsignedByte(),
                in.readInt(),
                new String(in.readNBytes(length), StandardCharsets.ISO_8859_1));
        if ((frame.type() == SETTINGS || frame.type() == PING) && (frame.flags() & ACK) == 0) {
            send(frame.type(), ACK, 0, frame.type() == PING ? bytes(frame.payload()) : new byte[0]);
        }
        return frame;
    }

    /** Reads up to the end of that stream; {@link HttpReply#CLOSED} when it is reset or the connection ends. Frames of other streams are thrown away. */
    public HttpReply reply(int stream) throws IOException {
        List<Header> headers = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        int status = 0;
        for (Frame frame = next(); frame != null; frame = next()) {
            if (frame.type() == HEADERS) {
                List<Header> decoded = decode(frame);
                if (frame.stream() == stream) {
                    status = status == 0 ? status(decoded) : status;
                    headers.addAll(decoded);
                }
            } else if (frame.type() == DATA) {
                giveBack(frame);
                if (frame.stream() == stream) {
                    body.append(frame.payload());
                }
            } else if (frame.type() == RST_STREAM && frame.stream() == stream || frame.type() == GOAWAY) {
                return HttpReply.CLOSED;
            }
            if (frame.stream() == stream && frame.endsStream()) {
                return new HttpReply(status, headers, body.toString());
            }
        }
        return HttpReply.CLOSED;
    }

    /** The fields of a HEADERS frame. Every one that comes must be decoded, or the next cannot be. */
    public List<Header> decode(Frame frame) throws IOException {
        if ((frame.flags() & PADDED_OR_PRIORITY) != 0 || (frame.flags() & END_HEADERS) == 0) {
            throw new IOException("a header block in a form that this client does not read");
        }
        try {
            Http2Headers decoded =
                    decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(bytes(frame.payload())));
            List<Header> headers = new ArrayList<>();
            for (Map.Entry<CharSequence, CharSequence> field : decoded) {
                headers.add(
                        new Header(field.getKey().toString(), field.getValue().toString()));
            }
            return headers;
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
    }

    private void giveBack(Frame data) throws IOException {
        if (data.payload().length() > 0) {
            byte[] increment =
                    Unpooled.buffer(4).writeInt(data.payload().length()).array();
            send(WINDOW_UPDATE, 0, 0, increment);
            if (!data.endsStream()) {
                send(WINDOW_UPDATE, 0, data.stream(), increment);
            }
        }
    }

    private static int status(List<Header> headers) {
        return headers.stream()
                .filter(header -> header.name().equals(":status"))
                .mapToInt(header -> Integer.parseInt(header.value()))
                .findFirst()
                .orElse(0);
    }

    private static void literal(ByteArrayOutputStream block, String text) {
        byte[] bytes = bytes(text);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            int rest = bytes.length - 127;
            while (rest >= 128) {
                block.write(rest % 128 + 128);
                rest /= 128;
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
