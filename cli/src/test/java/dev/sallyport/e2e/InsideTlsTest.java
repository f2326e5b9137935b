package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.inTunnel;
import static dev.sallyport.e2e.Attempts.inside;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.e2e.Attempts.Inside;
import dev.sallyport.testing.ClientHello;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.UpstreamRequest;
import java.util.List;
import java.util.stream.Stream;

/** What becomes of requests inside TLS, and of the TLS itself. */
class InsideTlsTest extends CaseTable {
    private static final String POLICY = Machine.P + """
              - {host: narrow.wild.example.com, ports: [8443]}
              - {host: slow.example.com, timeouts: {request: 100ms}}
              - {host: quick.example.com, timeouts: {idle: 1s}}
              - {host: portclosed.example.com, ports: [7443]}
              - {host: cleartext.example.com}
            """;

    InsideTlsTest() {
        super(POLICY, Machine.AGENTS_P);
    }

    static Stream<Case> cases() {
        return Stream.of(authorities(), forms(), answers(), timeouts(), serverNames(), headers())
                .flatMap(table -> table);
    }

    private static Stream<Case> authorities() {
        return Stream.of(
                inside("TLS-01").get("/e").served(InsideTlsTest::credentials),
                inside("TLS-01")
                        .asking("API.EXAMPLE.COM")
                        .get("/e", "api.example.com")
                        .served(InsideTlsTest::credentials),
                inside("TLS-01").get("/e", "API.EXAMPLE.COM").served(InsideTlsTest::credentials),
                inside("TLS-01").get("/e", "api.example.com:443").served(InsideTlsTest::credentials),
                inside("TLS-01").get("/e", "api.example.com.").served(InsideTlsTest::credentials),
                inside("TLS-02").get("/e", "b.example.com").refused(421, "authority_mismatch"),
                inside("TLS-02").get("/e", "x.wild.example.com").refused(421, "authority_mismatch"),
                inside("TLS-02").get("/e", "b.example.com:443").refused(421, "authority_mismatch"),
                inside("TLS-02")
                        .to("b.example.com")
                        .get("/e", "api.example.com")
                        .refused(421, "authority_mismatch"),
                inside("TLS-03").get("/e", "bad.wild.example.com").refused(400, "bad_authority"),
                inside("TLS-03").get("/e", "narrow.wild.example.com").refused(400, "bad_authority"),
                inside("TLS-04").get("/e", "other.example").refused(400, "bad_authority"),
                inside("TLS-04").get("/e", "127.0.0.1").refused(400, "bad_authority"),
                inside("TLS-04").get("/e", "").refused(400, "bad_authority"),
                inside("TLS-05").get("/e", "api.example.com:9999").refused(400, "bad_authority"),
                inside("TLS-05").get("/e", "api.example.com:8443").refused(400, "bad_authority"),
                inside("TLS-05").get("/e", "api.example.com:80").refused(400, "bad_authority"),
                inside("TLS-05").get("/e", "b.example.com:8443").refused(400, "bad_authority"),
                inside("TLS-05")
                        .through("api.example.com:8443")
                        .get("/e", "api.example.com")
                        .refused(400, "bad_authority"),
                inside("DEC-03").through("api.example.com:8443").get("/e").served(InsideTlsTest::credentials),
                inside("TLS-06").request("GET /e HTTP/1.1").answered(400));
    }

    private static Stream<Case> forms() {
        return Stream.of(
                inside("TLS-07")
                        .request("GET https://other.example/ HTTP/1.1", "Host: api.example.com")
                        .refused(400, "absolute_form"),
                inside("TLS-07")
                        .request("GET http://api.example.com:9999/ HTTP/1.1", "Host: api.example.com")
                        .refused(400, "absolute_form"),
                inside("TLS-07")
                        .request("GET https://api.example.com/ HTTP/1.1", "Host: api.example.com")
                        .refused(400, "absolute_form"),
                inside("TLS-08")
                        .request("CONNECT api.example.com:443 HTTP/1.1", "Host: api.example.com:443")
                        .refused(405, "connect_inside_tls"),
                inside("TLS-08")
                        .request("CONNECT other.example:22 HTTP/1.1", "Host: other.example:22")
                        .refused(405, "connect_inside_tls"),
                inside("TLS-08")
                        .request("CONNECT b.example.com:443 HTTP/1.1", "Host: b.example.com:443")
                        .refused(405, "connect_inside_tls"),
                inside("TLS-13")
                        .get("/a%2Fb/..%2f//c;p=1?q=%20&t=a+b")
                        .served(request -> assertThat(request.target()).isEqualTo("/a%2Fb/..%2f//c;p=1?q=%20&t=a+b")),
                inside("TLS-14")
                        .request(
                                "POST /e HTTP/1.1",
                                "Host: api.example.com",
                                "Content-Length: 3",
                                "Transfer-Encoding: chunked")
                        .answered(400),
                inside("TLS-14")
                        .request("POST /e HTTP/1.1", "Host: api.example.com", "Content-Length: 3", "Content-Length: 4")
                        .answered(400),
                inside("TLS-14")
                        .request("POST /e HTTP/1.1", "Host: api.example.com", "Transfer-Encoding : chunked")
                        .answered(400),
                inside("TLS-15")
                        .request("TRACE / HTTP/1.1", "Host: api.example.com")
                        .refused(405, "method_not_allowed"),
                inside("TLS-15")
                        .request("TRACE / HTTP/1.1", "Host: b.example.com")
                        .refused(405, "method_not_allowed"),
                inside("TLS-15")
                        .request("TRACE / HTTP/1.1", "Host: other.example")
                        .refused(405, "method_not_allowed"));
    }

    private static Stream<Case> answers() {
        Stream<Case> statuses = Stream.of(204, 302, 401, 403, 404, 429, 500, 503)
                .map(status -> inside("TLS-16").get("/status?c=" + status).relayed(status));
        return Stream.concat(
                statuses,
                Stream.of(
                        inside("TLS-17").get("/headers").servedWith(InsideTlsTest::cleaned),
                        inside("TLS-18")
                                .to("pin.example.com")
                                .trustingPublicRoots()
                                .get("/e", "pin.example.com", "x-api-key: mine", "X-Forwarded-For: 1.2.3.4")
                                .served(request -> {
                                    assertThat(request.connection().sni()).isEqualTo("pin.example.com");
                                    assertThat(request.rawHead())
                                            .contains("x-api-key: mine\r\nX-Forwarded-For: 1.2.3.4");
                                }),
                        inside("WILD-01")
                                .to("a.b.wild.example.com")
                                .trustingPublicRoots()
                                .get("/e")
                                .served()));
    }

    private static void cleaned(HttpReply reply) {
        assertThat(reply.header("alt-svc")).isEmpty();
        assertThat(reply.header("x-sallyport-reason")).isEmpty();
        assertThat(reply.header("x-sallyport-policy")).isEmpty();
        assertThat(reply.header("x-own")).contains("kept");
    }

    private static Stream<Case> timeouts() {
        return Stream.of(
                inside("TLS-19").to("slow.example.com").get("/never").answeredAfterSending(504),
                inside("TLS-19")
                        .to("slow.example.com")
                        .get("/never", "slow.example.com", "x-envoy-upstream-rq-timeout-ms: 9000")
                        .answeredAfterSending(504),
                inside("TLS-11").to("quick.example.com").get("/never").answeredAfterSending(504),
                inside("TLS-19")
                        .through("portclosed.example.com:7443")
                        .asking("portclosed.example.com")
                        .get("/e")
                        .answered(503),
                inside("TLS-19").to("cleartext.example.com").get("/e").answeredAfterSending(503));
    }

    private static Stream<Case> serverNames() {
        Inside other = inside("CERT-07").withoutName();
        return Stream.of(
                inside("WILD-06")
                        .through("a.wild.example.com:443")
                        .asking("bad.wild.example.com")
                        .get("/e", "bad.wild.example.com")
                        .closed("host_denied"),
                inside("WILD-07")
                        .through("a.wild.example.com:443")
                        .asking("narrow.wild.example.com")
                        .get("/e", "narrow.wild.example.com")
                        .closed("port_not_allowed"),
                other.get("/e").closed("no_matching_chain"),
                inside("CERT-07").asking("other.example").get("/e").closed("no_matching_chain"),
                inside("CERT-07").asking("203.0.113.10").get("/e").closed("no_matching_chain"),
                hello("CERT-07", "api.example.com."),
                hello("CERT-07", "a".repeat(256)),
                inside("CERT-08")
                        .through("b.example.com:443")
                        .get("/e", "api.example.com")
                        .served(InsideTlsTest::credentials),
                inTunnel(
                                "CERT-09",
                                "a client that offers TLS 1.1",
                                ClientHello.of(ClientHello.TLS_1_1, "api.example.com"))
                        .failedHandshake(),
                inside("TRUST-13").trustingPublicRoots().get("/e").closed("tls_failure"));
    }

    private static Case hello(String id, String name) {
        String what = "server name " + (name.length() > 30 ? "of " + name.length() + " bytes" : name);
        return inTunnel(id, what, ClientHello.of(ClientHello.TLS_1_2, name)).closed("no_matching_chain");
    }

    private static Stream<Case> headers() {
        String host = "api.example.com";
        return Stream.of(
                inside("HDR-01").get("/e", host, "x-api-key: dummy").served(InsideTlsTest::credentials),
                inside("HDR-02")
                        .get("/e", host, "X-API-KEY: 1", "x-aPi-kEy: 2", "x-api-key: 3", "x_api_key: 4", "X_API_KEY: 5")
                        .served(
                                InsideTlsTest::credentials,
                                request -> assertThat(request.names()).doesNotContain("x_api_key")),
                inside("HDR-03").get("/e", host, "Authorization: Basic eA==").served(InsideTlsTest::credentials),
                inside("HDR-04").get("/e", host).served(InsideTlsTest::credentials),
                inside("HDR-05")
                        .to("b.example.com")
                        .get("/e", "b.example.com", "Authorization: mine", "x-api-key: own")
                        .served(request -> {
                            assertThat(request.values("authorization")).containsExactly("mine");
                            assertThat(request.values("x-api-key")).containsExactly("own");
                        }),
                inside("HDR-06")
                        .get("/e", host, "Connection: x-api-key, authorization")
                        .served(InsideTlsTest::credentials),
                inside("HDR-07")
                        .get(
                                "/e",
                                host,
                                "Connection: x-foo",
                                "x-foo: bar",
                                "Keep-Alive: 3",
                                "Proxy-Authorization: b",
                                "TE: gzip",
                                "x-sallyport-authority: evil")
                        .served(request -> assertThat(request.names())
                                .doesNotContain("keep-alive", "proxy-authorization", "te", "x-foo")
                                .noneMatch(name -> name.startsWith("x-sallyport"))),
                inside("HDR-07")
                        .get("/e", host, "Upgrade: foo", "Connection: upgrade")
                        .answered(403),
                inside("HDR-08")
                        .get(
                                "/e",
                                host,
                                "x-envoy-max-retries: 3",
                                "X-Envoy-Retry-On: 5xx",
                                "x-envoy-original-path: /a",
                                "x-forwarded-for: 1.2.3.4")
                        .served(InsideTlsTest::nothingAdded),
                inside("HDR-08").get("/e", host).served(InsideTlsTest::nothingAdded));
    }

    private static void nothingAdded(UpstreamRequest request) {
        assertThat(request.names())
                .noneMatch(name -> name.startsWith("x-envoy")
                        || name.startsWith("x-forwarded")
                        || List.of("x-request-id", "via", "forwarded").contains(name));
    }

    private static void credentials(UpstreamRequest request) {
        assertThat(request.values("x-api-key")).containsExactly(Machine.KEY);
        assertThat(request.values("authorization")).containsExactly("Bearer " + Machine.KEY);
        assertThat(request.connection().sni()).isEqualTo("api.example.com");
    }
}
