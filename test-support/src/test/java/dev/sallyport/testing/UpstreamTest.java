package dev.sallyport.testing;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.testing.UpstreamRequest.Header;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UpstreamTest {
    private static final TestPki PKI = new TestPki("Upstream Test CA");
    private static final Upstream UPSTREAM = new Upstream(UpstreamTest::certificate)
            .speakClearTextOn("203.0.113.20")
            .offerHttp1OnlyFor("old.example.com");
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("203.0.113.10", 443);

    @BeforeAll
    static void start() throws InterruptedException {
        TestNetwork.require();
        UPSTREAM.start(443);
    }

    @AfterAll
    static void stop() {
        UPSTREAM.close();
    }

    @Test
    void recordsRequestsByteForByte() throws Exception {
        String head = "GET /a%2Fb/..%2f?q=%20 HTTP/1.1\r\nHost: api.example.com\r\nX-CaSe:  two  \r\nx-case: b";
        try (RawConnection connection = open("api.example.com", "http/1.1")) {
            HttpReply reply = connection.send(head + "\r\n\r\n").reply();

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body()).startsWith("GET /a%2Fb/..%2f?q=%20\n");
        }
        UpstreamRequest request = UPSTREAM.requests("x-case", "b").get(0);
        assertThat(request.rawHead()).isEqualTo(head);
        assertThat(request.values("X-CASE")).containsExactly("two", "b");
        assertThat(request.connection().sni()).isEqualTo("api.example.com");
        assertThat(request.connection().to()).isEqualTo(ADDRESS);
        assertThat(request.protocol()).isEqualTo("HTTP/1.1");
    }

    @Test
    void servesTwoRequestsOfOneConnection() throws Exception {
        try (RawConnection connection = open("api.example.com", "http/1.1")) {
            for (String path : new String[] {"/one", "/two"}) {
                connection.send("POST " + path + " HTTP/1.1\r\nHost: h\r\nx-case: two-" + path
                        + "\r\nContent-Length: 3\r\n\r\nabc");
                assertThat(connection.reply().status()).isEqualTo(200);
                assertThat(UPSTREAM.requests("x-case", "two-" + path))
                        .singleElement()
                        .satisfies(request -> assertThat(request.rawHead())
                                .startsWith("POST " + path)
                                .endsWith("Content-Length: 3"));
            }
        }
    }

    @Test
    void servesHttp2() throws Exception {
        try (RawConnection connection = open("api.example.com", "h2")) {
            Http2Client client = new Http2Client(connection);
            client.request(1, true, head("GET", "/x", new Header("x-case", "h2")));

            assertThat(client.reply(1).status()).isEqualTo(200);
        }
        UpstreamRequest request = UPSTREAM.requests("x-case", "h2").get(0);
        assertThat(request.protocol()).isEqualTo("HTTP/2");
        assertThat(request.authority()).isEqualTo("api.example.com");
        assertThat(request.names()).containsExactly("x-case");
    }

    @Test
    void answersGrpcWithTrailers() throws Exception {
        try (RawConnection connection = open("api.example.com", "h2")) {
            Http2Client client = new Http2Client(connection);
            client.request(
                    1,
                    false,
                    head(
                            "POST",
                            "/grpc.health.v1.Health/Check",
                            new Header("content-type", "application/grpc"),
                            new Header("te", "trailers")));
            client.send(Http2Client.DATA, Http2Client.END_STREAM, 1, new byte[5]);

            HttpReply reply = client.reply(1);
            assertThat(reply.body()).isEqualTo("\0\0\0\0\2\10\1");
            assertThat(reply.header("grpc-status")).contains("0");
        }
    }

    @ParameterizedTest
    @MethodSource("answers")
    void answersByPath(String request, int status, String body) throws Exception {
        try (RawConnection connection = open("api.example.com", "http/1.1")) {
            HttpReply reply = connection.send(request + "\r\n\r\n").reply();
            assertThat(reply.status()).isEqualTo(status);
            assertThat(reply.body()).contains(body);
        }
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of("GET /status?c=429 HTTP/1.1\r\nHost: h", 429, "status 429"),
                Arguments.of("GET /status?c=204 HTTP/1.1\r\nHost: h", 204, ""),
                Arguments.of("GET /headers HTTP/1.1\r\nHost: h", 200, "ok"),
                Arguments.of("GET /sse?n=2&ms=1 HTTP/1.1\r\nHost: h", 200, "data: 0\n\ndata: 1\n\n"),
                Arguments.of("GET /trailers HTTP/1.1\r\nHost: h", 200, "body"),
                Arguments.of("GET /abort HTTP/1.1\r\nHost: h", 0, ""));
    }

    @Test
    void streamsBothWays() throws Exception {
        int mib = 2;
        TestContent.Check down = new TestContent.Check();
        try (RawConnection connection = open("api.example.com", "http/1.1")) {
            connection.send("GET /down?mib=" + mib + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            String body = connection.reply().body();
            down.update(body.getBytes(StandardCharsets.ISO_8859_1), body.length());
        }
        assertThat(down.length()).isEqualTo((long) mib << 20);
        try (RawConnection connection = open("api.example.com", "http/1.1");
                InputStream content = TestContent.stream(1 << 20)) {
            connection.send("POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: " + (1 << 20) + "\r\n\r\n");
            content.transferTo(connection.out());
            assertThat(connection.reply().body()).startsWith((1 << 20) + " ");
        }
    }

    @Test
    void echoesWebSocketFrames() throws Exception {
        try (RawConnection connection = open("api.example.com", "http/1.1")) {
            connection.request(
                    "GET /ws HTTP/1.1",
                    "Host: h",
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "Sec-WebSocket-Version: 13");
            assertThat(connection.bodilessReply().status()).isEqualTo(101);
            connection.send("\u0081\u0082\0\0\0\0hi");
            assertThat(connection.in().readNBytes(4)).containsExactly(0x81, 2, 'h', 'i');
        }
    }

    @Test
    void speaksClearTextWhereItIsTold() throws Exception {
        try (RawConnection connection = RawConnection.open(new InetSocketAddress("203.0.113.20", 443))) {
            assertThat(connection
                            .send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                            .reply()
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void picksProtocolAndCertificateByName() throws Exception {
        try (RawConnection connection = RawConnection.open(ADDRESS)
                .startTls(
                        TlsClient.trusting(PKI.rootPem()).to("old.example.com").offering("h2", "http/1.1"))) {
            assertThat(connection.applicationProtocol()).isEqualTo("http/1.1");
        }
        for (String bad : new String[] {"expired", "selfsigned", "wrongname", "clientonly"}) {
            assertThatThrownBy(() -> open(bad + ".example.com", "http/1.1").close())
                    .as(bad)
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void recordsConnectionsThatEndInTheHandshake() {
        assertThatThrownBy(() -> RawConnection.open(ADDRESS)
                        .startTls(TlsClient.trusting(new TestPki("Other CA").rootPem())
                                .to("untrusted.example.com"))
                        .close())
                .isInstanceOf(SSLException.class);
        eventually(() -> assertThat(UPSTREAM.connections())
                .anySatisfy(connection -> assertThat(connection.sni()).isEqualTo("untrusted.example.com")));
    }

    @Test
    void seesHandMadeHellos() throws Exception {
        try (RawConnection connection = RawConnection.open(ADDRESS)) {
            connection.send(ClientHello.of(ClientHello.TLS_1_2, "hello.example.com"));
            // A handshake record: the server accepts it and answers.
            assertThat(connection.in().read()).isEqualTo(22);
        }
    }

    private static RawConnection open(String name, String protocol) throws IOException {
        return RawConnection.open(ADDRESS)
                .startTls(TlsClient.trusting(PKI.rootPem()).to(name).offering(protocol));
    }

    private static Header[] head(String method, String path, Header... more) {
        return Stream.concat(
                        Stream.of(
                                new Header(":method", method),
                                new Header(":scheme", "https"),
                                new Header(":authority", "api.example.com"),
                                new Header(":path", path)),
                        Stream.of(more))
                .toArray(Header[]::new);
    }

    private static TestPki.ServerCertificate certificate(String name) {
        return switch (name) {
            case "expired.example.com" -> PKI.expired(name);
            case "selfsigned.example.com" -> TestPki.selfSigned(name);
            case "wrongname.example.com" -> PKI.server("other.example.com");
            case "clientonly.example.com" -> PKI.clientOnly(name);
            default -> PKI.server("*.example.com");
        };
    }
}
