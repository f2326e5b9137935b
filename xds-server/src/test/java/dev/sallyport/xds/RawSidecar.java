package dev.sallyport.xds;

import com.google.protobuf.MessageLite;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.testing.Http2Client;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.UpstreamRequest.Header;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A stream by frames of HTTP/2, whose client says itself how much it will read. */
final class RawSidecar implements AutoCloseable {
    private static final int STREAM = 1;
    private static final short INITIAL_WINDOW_SIZE = 4;
    private static final String METHOD =
            "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

    private final RawConnection connection;
    private final Http2Client http2;

    /**
     * Opens it.
     *
     * @param window how many bytes of the stream it will read, until {@link #reads}
     */
    RawSidecar(TestServer server, String authorization, int window) throws IOException {
        connection = server.connectTls();
        http2 = new Http2Client(connection);
        http2.send(
                Http2Client.SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6)
                        .putShort(INITIAL_WINDOW_SIZE)
                        .putInt(window)
                        .array());
        http2.request(STREAM, false, headers(METHOD, authorization));
    }

    /** The head of a gRPC call. */
    static Header[] headers(String method, String authorization) {
        return new Header[] {
            new Header(":method", "POST"),
            new Header(":scheme", "https"),
            new Header(":path", method),
            new Header(":authority", "xds.test"),
            new Header("content-type", "application/grpc"),
            new Header("te", "trailers"),
            new Header("authorization", authorization)
        };
    }

    void asks(ResourceType type, String... names) throws IOException {
        send(AdsClient.request(type, names).build());
    }

    void send(MessageLite request) throws IOException {
        byte[] message = request.toByteArray();
        ByteBuffer framed = ByteBuffer.allocate(5 + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message);
        http2.send(Http2Client.DATA, 0, STREAM, framed.array());
    }

    /** Lets that many bytes more come. */
    void reads(int bytes) throws IOException {
        http2.send(
                Http2Client.WINDOW_UPDATE,
                0,
                STREAM,
                ByteBuffer.allocate(4).putInt(bytes).array());
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
