package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.Http2Client;
import dev.sallyport.testing.HttpBody;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TestContent;
import dev.sallyport.testing.Upstream;
import dev.sallyport.testing.UpstreamRequest;
import dev.sallyport.testing.UpstreamRequest.Header;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** HTTP/2, WebSocket, events and bodies of any size, through an intercepting sidecar. */
@EndToEnd
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamsTest {
    private static final String HOST = "api.example.com";
    private static final long MIB = 1L << 20;

    private final Upstream upstream = Internet.get().upstream();
    private final Machine machine = Machine.with(
            Machine.P + "  - {host: quick.example.com, timeouts: {idle: 1s}}\n  - {host: ws.example.com}\n");
    private TestSidecar sidecar;
    private App app;

    @SuppressWarnings("NullAway.Init") // Before all tests.
    StreamsTest() {}

    @BeforeAll
    void start() {
        sidecar = machine.sidecar();
        app = machine.app(sidecar);
    }

    @AfterAll
    void stop() throws IOException {
        assertThat(sidecar.errors()).isEmpty();
        machine.close();
    }

    @Test
    @DisplayName("TLS-09 a request by HTTP/2 goes out by HTTP/2, with its credentials")
    void servesHttp2() throws IOException {
        try (RawConnection connection = app.http2(HOST)) {
            Http2Client client = new Http2Client(connection);
            client.request(1, true, head("GET", "/e", header("x-case", "h2"), header("x-api-key", "mine")));

            assertThat(client.reply(1).status()).isEqualTo(200);
        }
        assertThat(upstream.requests("x-case", "h2")).singleElement().satisfies(request -> {
            assertThat(request.protocol()).isEqualTo("HTTP/2");
            assertThat(request.values("x-api-key")).containsExactly(Machine.KEY);
        });
    }

    @Test
    @DisplayName("TLS-09 two streams of one HTTP/2 connection run side by side")
    void runsStreamsSideBySide() throws IOException {
        try (RawConnection connection = app.http2(HOST)) {
            Http2Client client = new Http2Client(connection);
            client.request(1, true, head("GET", "/sse?n=0&ms=50"));
            client.request(3, true, head("GET", "/e"));

            assertThat(client.reply(3).status()).isEqualTo(200);
        }
    }

    @Test
    @DisplayName("TLS-09 gRPC: the answer and the trailers of the response arrive")
    void servesGrpc() throws IOException {
        try (RawConnection connection = app.http2(HOST)) {
            Http2Client client = new Http2Client(connection);
            client.request(
                    1,
                    false,
                    head(
                            "POST",
                            "/grpc.health.v1.Health/Check",
                            header("content-type", "application/grpc"),
                            header("te", "trailers"),
                            header("x-case", "grpc")));
            client.send(Http2Client.DATA, Http2Client.END_STREAM, 1, new byte[5]);

            HttpReply reply = client.reply(1);
            assertThat(reply.body()).isEqualTo("\0\0\0\0\2\10\1");
            assertThat(reply.header("grpc-status")).contains("0");
        }
        assertThat(upstream.requests("x-case", "grpc").get(0).values("te")).containsExactly("trailers");
    }

    @Test
    @DisplayName("TLS-09 HDR-07 trailers of a request never reach the upstream, where a credential's name could hide")
    void dropsRequestTrailers() throws IOException {
        try (RawConnection connection = app.http2(HOST)) {
            Http2Client client = new Http2Client(connection);
            client.request(1, false, head("POST", "/request-trailers", header("te", "trailers")));
            client.send(Http2Client.DATA, 0, 1, new byte[] {'a'});
            client.request(1, true, header("x-t", "v"), header("x-api-key", "evil"));

            assertThat(client.reply(1).body()).isEqualTo("[]\n");
        }
    }

    @Test
    @DisplayName("TLS-02 TLS-08 TLS-15 by HTTP/2: 421, 405, 405; nothing upstream")
    void refusesByHttp2AsByHttp1() throws IOException {
        int before = upstream.requests().size();
        assertThat(reason(
                        header(":method", "GET"),
                        header(":scheme", "https"),
                        header(":authority", "b.example.com"),
                        header(":path", "/e")))
                .isEqualTo("421 authority_mismatch");
        assertThat(reason(
                        header(":method", "TRACE"),
                        header(":scheme", "https"),
                        header(":authority", HOST),
                        header(":path", "/e")))
                .isEqualTo("405 method_not_allowed");
        assertThat(reason(header(":method", "CONNECT"), header(":authority", HOST + ":443")))
                .isEqualTo("405 connect_inside_tls");
        assertThat(reason(
                        header(":method", "GET"),
                        header(":scheme", "https"),
                        header(":authority", HOST),
                        header("host", "b.example.com"),
                        header(":path", "https://other.example/")))
                .isNotEqualTo("200");
        assertThat(upstream.requests()).hasSize(before);
    }

    @Test
    @DisplayName(
            "TLS-10 a WebSocket: frames both ways, the credential on the handshake, also where the upstream offers HTTP/2")
    void upgradesToWebSocket() throws IOException {
        for (String host : List.of(HOST, "ws.example.com")) {
            try (RawConnection socket = app.tls(host)) {
                webSocket(socket, "/ws", host);
                echo(socket, "hello");
            }
            assertThat(newest("/ws").protocol()).isEqualTo("HTTP/1.1");
            assertThat(newest("/ws").values("x-api-key"))
                    .isEqualTo(host.equals(HOST) ? List.of(Machine.KEY) : List.of());
        }
    }

    @Test
    @DisplayName("TLS-10 PROXY-04 a WebSocket by http:// at the proxy")
    void upgradesToWebSocketAtTheProxy() throws IOException {
        try (RawConnection socket = app.open()) {
            webSocket(socket, "http://" + HOST + "/ws", HOST);
            echo(socket, "hey");
        }
        assertThat(newest("/ws").values("x-api-key")).containsExactly(Machine.KEY);
    }

    @Test
    @DisplayName("TLS-11 each event arrives at once; a stream that is never silent for timeouts.idle stays")
    void passesEventsOn() throws IOException {
        try (RawConnection events = app.tls("quick.example.com")) {
            events.request("GET /sse?n=6&ms=400 HTTP/1.1", "Host: quick.example.com");
            // Before the second was sent: else this would wait for it, and for the rest.
            assertThat(read(events, "data: 0")).doesNotContain("data: 1");
            assertThat(read(events, "data: 5")).contains("data: 4");
        }
    }

    @Test
    @DisplayName("TLS-12 a download of 1 GiB: byte-equal, and the sidecar's memory does not grow with it")
    void downloadsWithoutBuffering() throws IOException {
        long before = sidecar.anonymousMemory();
        TestContent.Check check = new TestContent.Check();
        try (RawConnection connection = app.tls("b.example.com")) {
            connection.request("GET /down?mib=1024 HTTP/1.1", "Host: b.example.com", "Connection: close");
            HttpBody body = new HttpBody(connection.in());
            byte[] buffer = new byte[1 << 16];
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                check.update(buffer, n);
            }
        }
        assertThat(check.length()).isEqualTo(1024 * MIB);
        assertThat(sidecar.anonymousMemory() - before).isLessThan(8 * MIB);
    }

    @Test
    @DisplayName("TLS-12 an upload of 1 GiB: byte-equal, and the sidecar's memory does not grow with it")
    void uploadsWithoutBuffering() throws Exception {
        long before = sidecar.anonymousMemory();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (RawConnection connection = app.tls("b.example.com");
                InputStream content = new DigestInputStream(TestContent.stream(1024 * MIB), digest)) {
            connection.request(
                    "POST /up HTTP/1.1", "Host: b.example.com", "Connection: close", "Content-Length: " + 1024 * MIB);
            content.transferTo(connection.out());

            assertThat(connection.reply().body())
                    .isEqualTo(1024 * MIB + " " + HexFormat.of().formatHex(digest.digest()) + "\n");
        }
        assertThat(sidecar.anonymousMemory() - before).isLessThan(8 * MIB);
    }

    @Test
    @DisplayName("TLS-09 TLS-12 a download by HTTP/2 that the app does not read waits, and is whole in the end")
    void holdsBackByHttp2() throws IOException {
        long before = sidecar.anonymousMemory();
        try (RawConnection connection = app.http2("b.example.com")) {
            Http2Client client = new Http2Client(connection);
            client.request(
                    1,
                    true,
                    header(":method", "GET"),
                    header(":scheme", "https"),
                    header(":authority", "b.example.com"),
                    header(":path", "/down?mib=16"));
            assertThat(sidecar.anonymousMemory() - before).isLessThan(8 * MIB);

            HttpReply reply = client.reply(1);
            assertThat(reply.body()).hasSize((int) (16 * MIB));
            byte[] bytes = reply.body().getBytes(StandardCharsets.ISO_8859_1);
            new TestContent.Check().update(bytes, bytes.length);
        }
    }

    @Test
    @DisplayName("HDR-10 an upstream that closes before it answers a POST: no second send")
    void sendsAPostOnce() throws IOException {
        try (RawConnection connection = app.tls("b.example.com")) {
            HttpReply reply = connection
                    .request(
                            "POST /abort HTTP/1.1",
                            "Host: b.example.com",
                            "x-case: abort",
                            "Content-Length: 0",
                            "Connection: close")
                    .reply();
            assertThat(reply.status()).isBetween(502, 504);
        }
        assertThat(upstream.requests("x-case", "abort")).hasSize(1);
    }

    @Test
    @DisplayName("HDR-10 a GET whose upstream closes goes to the same host, if it is sent again at all")
    void retriesNowhereElse() throws IOException {
        try (RawConnection connection = app.tls("b.example.com")) {
            HttpReply reply = connection
                    .request("GET /abort HTTP/1.1", "Host: b.example.com", "x-case: abort-get", "Connection: close")
                    .reply();
            assertThat(reply.status()).isBetween(502, 504);
        }
        assertThat(upstream.requests("x-case", "abort-get"))
                .isNotEmpty()
                .allMatch(request -> request.authority().equals("b.example.com"));
    }

    @Test
    @DisplayName("TLS-16 trailers of a response by HTTP/1.1 arrive")
    void passesResponseTrailers() throws IOException {
        try (RawConnection connection = app.tls(HOST)) {
            HttpReply reply = connection
                    .request("GET /trailers HTTP/1.1", "Host: " + HOST, "TE: trailers", "Connection: close")
                    .reply();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).isEqualTo("body\n");
        }
        eventually(() -> assertThat(newest("/trailers").values("x-api-key")).containsExactly(Machine.KEY));
    }

    private String reason(Header... head) throws IOException {
        try (RawConnection connection = app.http2(HOST)) {
            Http2Client client = new Http2Client(connection);
            client.request(1, true, head);
            HttpReply reply = client.reply(1);
            return (reply.status() + " " + reply.header("x-sallyport-reason").orElse("")).strip();
        }
    }

    private UpstreamRequest newest(String path) {
        List<UpstreamRequest> requests = upstream.requests().stream()
                .filter(request -> request.target().equals(path))
                .toList();
        return requests.get(requests.size() - 1);
    }

    private static String read(RawConnection connection, String until) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(until) < 0) {
            int next = connection.in().read();
            assertThat(next).as("end of the stream after %s", text).isNotNegative();
            text.append((char) next);
        }
        return text.toString();
    }

    private static void webSocket(RawConnection socket, String target, String host) throws IOException {
        socket.request(
                "GET " + target + " HTTP/1.1",
                "Host: " + host,
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version: 13");
        HttpReply reply = socket.bodilessReply();
        assertThat(reply.status()).isEqualTo(101);
        assertThat(reply.header("sec-websocket-accept")).contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    private static void echo(RawConnection socket, String text) throws IOException {
        socket.send("\u0081" + (char) (0x80 | text.length()) + "\0\0\0\0" + text);
        assertThat(new String(socket.in().readNBytes(2 + text.length()), StandardCharsets.ISO_8859_1))
                .isEqualTo("\u0081" + (char) text.length() + text);
    }

    private static Header header(String name, String value) {
        return new Header(name, value);
    }

    private static Header[] head(String method, String path, Header... more) {
        return Stream.concat(
                        Stream.of(
                                header(":method", method),
                                header(":scheme", "https"),
                                header(":authority", HOST),
                                header(":path", path)),
                        Stream.of(more))
                .toArray(Header[]::new);
    }
}
