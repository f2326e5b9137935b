package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.testing.Http2Client;
import dev.sallyport.testing.Http2Client.Frame;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.UpstreamRequest.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Apps that try to wear the sidecar down, while another one goes on with its work. */
@EndToEnd
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileClientsTest {
    private static final String HOST = "api.example.com";
    private static final long MIB = 1L << 20;

    /** A hundred streams that nobody reads hold a window and a few buffers each. */
    private static final long BOUND = 64 * MIB;

    private final Machine machine = Machine.with(Machine.P);
    private TestSidecar sidecar;
    private App app;
    private Load bystander;
    private long memory;

    @SuppressWarnings("NullAway.Init") // Before the tests.
    HostileClientsTest() {}

    @BeforeAll
    void start() {
        sidecar = machine.sidecar();
        app = machine.app(sidecar);
    }

    @AfterAll
    void stop() throws IOException {
        machine.close();
    }

    @BeforeEach
    void lookOn() {
        bystander = Load.start(1, app, "b.example.com");
        bystander.awaitMore(3);
        memory = sidecar.anonymousMemory();
    }

    @AfterEach
    void nobodyElseWasHurt() {
        try (Load load = bystander) {
            load.awaitMore(5);
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(1);
        }
        assertThat(sidecar.isAlive()).isTrue();
        assertThat(sidecar.anonymousMemory() - memory).isLessThan(BOUND);
    }

    @Test
    @DisplayName("HOS-01 1 MiB of headers: 431, inside TLS and at the proxy")
    void refusesLargeHeaders() throws IOException {
        String large = "x-large: " + "a".repeat((int) MIB);
        try (RawConnection connection = app.tls(HOST)) {
            assertThat(status(connection, "GET /e HTTP/1.1\r\nHost: " + HOST + "\r\n" + large + "\r\n\r\n"))
                    .isIn(431, 0);
        }
        try (RawConnection connection = app.open()) {
            assertThat(status(connection, "GET http://" + HOST + "/ HTTP/1.1\r\n" + large + "\r\n\r\n"))
                    .isIn(431, 0);
        }
    }

    @Test
    @DisplayName("HOS-01 10,000 headers: 431")
    void refusesManyHeaders() throws IOException {
        String many =
                IntStream.range(0, 10_000).mapToObj(i -> "h" + i + ": v\r\n").collect(Collectors.joining());
        try (RawConnection connection = app.tls(HOST)) {
            assertThat(status(connection, "GET /e HTTP/1.1\r\nHost: " + HOST + "\r\n" + many + "\r\n"))
                    .isIn(431, 0);
        }
    }

    @Test
    @DisplayName("HOS-02 a flood of HTTP/2 resets: the connection is closed")
    void closesAFloodOfResets() throws IOException {
        try (RawConnection connection = app.http2(HOST)) {
            Http2Client client = new Http2Client(connection);
            byte[] head = Http2Client.block(head("/never"));
            ByteArrayOutputStream batch = new ByteArrayOutputStream();
            assertThat(isEnded(client, connection, 20_000, i -> {
                        int stream = 2 * i + 1;
                        batch.reset();
                        batch.writeBytes(Http2Client.frame(
                                Http2Client.HEADERS, Http2Client.END_HEADERS | Http2Client.END_STREAM, stream, head));
                        batch.writeBytes(Http2Client.frame(Http2Client.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
                        return batch.toByteArray();
                    }))
                    .isTrue();
        }
    }

    @Test
    @DisplayName("HOS-02 CONTINUATION without end: the connection is closed")
    void closesEndlessContinuations() throws IOException {
        try (RawConnection connection = app.http2(HOST)) {
            Http2Client client = new Http2Client(connection);
            client.send(Http2Client.HEADERS, 0, 1, Http2Client.block(head("/e")));
            byte[] more = Http2Client.block(new Header("x-more", "a".repeat(1_000)));
            assertThat(isEnded(
                            client, connection, 100_000, i -> Http2Client.frame(Http2Client.CONTINUATION, 0, 1, more)))
                    .isTrue();
        }
    }

    @Test
    @DisplayName("HOS-02 an HPACK bomb: refused, the connection or the stream ends")
    void refusesAnHpackBomb() throws IOException {
        try (RawConnection connection = app.http2(HOST)) {
            Http2Client client = new Http2Client(connection);
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            block.writeBytes(Http2Client.block(head("/e")));
            // One entry of 4,000 bytes in the dynamic table, and 60,000 references to it of one byte each: 240 MB.
            block.write(0x40);
            block.writeBytes(new byte[] {1, 'b', 127, (byte) (3873 % 128 + 128), (byte) (3873 / 128)});
            block.writeBytes("a".repeat(4_000).getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 12_000; i++) {
                block.write(0x80 | 62);
            }
            client.send(Http2Client.HEADERS, Http2Client.END_HEADERS | Http2Client.END_STREAM, 1, block.toByteArray());
            int status = reply(client).status();
            assertThat(status).isIn(0, 400, 431);
        }
    }

    @Test
    @DisplayName("HOS-02 a hundred downloads into windows that stay shut: memory stays bounded")
    void boundsWhatShutWindowsHold() throws IOException {
        List<RawConnection> open = new ArrayList<>();
        try {
            for (int c = 0; c < 4; c++) {
                RawConnection connection = app.http2("b.example.com");
                open.add(connection);
                Http2Client client = new Http2Client(connection);
                // SETTINGS_INITIAL_WINDOW_SIZE 0.
                client.send(Http2Client.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0});
                for (int i = 0; i < 25; i++) {
                    client.request(
                            2 * i + 1,
                            true,
                            new Header(":method", "GET"),
                            new Header(":scheme", "https"),
                            new Header(":authority", "b.example.com"),
                            new Header(":path", "/down?mib=64"));
                }
            }
            bystander.awaitMore(20);
            assertThat(sidecar.anonymousMemory() - memory).isLessThan(BOUND);
        } finally {
            for (RawConnection connection : open) {
                connection.close();
            }
        }
        eventually(() -> assertThat(sidecar.anonymousMemory() - memory).isLessThan(BOUND));
    }

    @Test
    @DisplayName(
            "HOS-03 more idle connections than the limit: each further one is closed and logged, established ones go on, and others are served when they are gone")
    void limitsIdleConnections() throws IOException {
        // The limit itself in a long run.
        int limit = Boolean.getBoolean("sallyport.long") ? 4_000 : 60;
        Without most = listener -> listener.findParents("max_connections")
                .forEach(filter -> ((ObjectNode) filter).put("max_connections", limit));
        try (AlteredControlPlane altered = AlteredControlPlane.start(machine, most);
                TestSidecar limited = altered.sidecar(Machine.AGENTS_P)) {
            App app = machine.app(limited);
            try (Load established = Load.start(1, app, "b.example.com")) {
                established.awaitMore(3);
                limited.newLogLines();
                List<RawConnection> idle = new ArrayList<>();
                try {
                    // One is that of the load.
                    for (int i = 0; i < limit - 1; i++) {
                        idle.add(app.open());
                    }
                    for (int i = 0; i < 20; i++) {
                        try (RawConnection tooMany = app.open()) {
                            assertThat(tooMany.isClosedByPeer()).isTrue();
                        }
                    }
                    established.awaitMore(20);
                } finally {
                    for (RawConnection connection : idle) {
                        connection.close();
                    }
                }
                eventually(() ->
                        assertThat(app.get("b.example.com", "/e").status()).isEqualTo(200));
                assertThat(established.failures()).isEmpty();
                assertThat(established.connections()).isEqualTo(1);
            }
            assertThat(limited.newLogLines())
                    .filteredOn(line -> "connection_limit".equals(line.reason()))
                    .hasSize(20)
                    .allMatch(line -> "deny".equals(line.text("verdict")));
        }
    }

    @Test
    @DisplayName(
            "HOS-07 an upstream that echoes: the app sees the credential only if the upstream sends it back; its own cannot replace ours")
    void cannotReplaceACredential() {
        HttpReply reply = app.send(
                HOST,
                "GET /e HTTP/1.1",
                "Host: " + HOST,
                "x-api-key: stolen",
                "Authorization: stolen",
                "Connection: close");
        assertThat(reply.body()).contains("x-api-key: " + Machine.KEY).doesNotContain("stolen");
    }

    private interface Attack {
        byte[] round(int number);
    }

    /** Whether the sidecar ends the connection within so many rounds. */
    private static boolean isEnded(Http2Client client, RawConnection connection, int rounds, Attack attack)
            throws IOException {
        try {
            for (int i = 0; i < rounds; i++) {
                connection.send(attack.round(i));
            }
        } catch (SocketException | SSLException ended) {
            return true;
        }
        try {
            for (Frame frame = client.next(); frame != null; frame = client.next()) {
                if (frame.type() == Http2Client.GOAWAY) {
                    return true;
                }
            }
            return true;
        } catch (SocketException | SSLException ended) {
            return true;
        }
    }

    private static HttpReply reply(Http2Client client) throws IOException {
        try {
            return client.reply(1);
        } catch (SocketException | SSLException ended) {
            return HttpReply.CLOSED;
        }
    }

    /** 0: the connection was reset, which may happen while we still send. */
    private static int status(RawConnection connection, String bytes) throws IOException {
        try {
            return connection.send(bytes).reply().status();
        } catch (SocketException | SSLException reset) {
            return 0;
        }
    }

    private static Header[] head(String path) {
        return new Header[] {
            new Header(":method", "GET"),
            new Header(":scheme", "https"),
            new Header(":authority", HOST),
            new Header(":path", path)
        };
    }
}
