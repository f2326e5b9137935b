package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.connect;
import static dev.sallyport.e2e.Attempts.inTunnel;
import static dev.sallyport.e2e.Attempts.proxy;
import static dev.sallyport.e2e.Attempts.raw;
import static dev.sallyport.e2e.Attempts.tunnel;
import static dev.sallyport.e2e.Attempts.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.e2e.Case.Check;
import dev.sallyport.testing.UpstreamRequest;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** What the proxy does with CONNECT and with {@code http://}. */
class ProxyHopTest extends CaseTable {
    private static final String POLICY = Machine.P + """
              - {host: narrow.wild.example.com, ports: [8443]}
              - {host: c.example.com, ports: [8443]}
              - {host: xn--bcher-kva.example}
              - {host: portclosed.example.com, ports: [443, 7443]}
            """;

    ProxyHopTest() {
        super(POLICY, Machine.AGENTS_P);
    }

    static Stream<Case> cases() {
        return Stream.of(hostNames(), decisions(), wildcards(), connects(), urls(), others())
                .flatMap(table -> table);
    }

    private static Stream<Case> hostNames() {
        return Stream.of(
                connect("HOST-04", "xn--bcher-kva.example:443").served(),
                connect("HOST-11", "API.Example.COM:443").served(),
                connect("HOST-12", "api.example.com.:443").served(),
                connect("HOST-12", "bad.wild.example.com.:443").refused(403, "host_denied"),
                connect("HOST-12", "api.example.com..:443").refused(403, "host_not_allowed"),
                connect("HOST-13", "api.example.com:0443").refused(403, "port_not_allowed"),
                connect("HOST-13", "api.example.com:+443").answered(400),
                connect("HOST-13", "api.example.com:443x").answered(400),
                connect("HOST-14", "api.example.com:0").refused(403, "port_not_allowed"),
                connect("HOST-14", "api.example.com:65536").answered(400),
                connect("HOST-15", "203.0.113.10:443").refused(403, "host_not_allowed"),
                connect("HOST-15", "[2001:db8::1]:443").refused(403, "host_not_allowed"));
    }

    private static Stream<Case> decisions() {
        return Stream.of(
                connect("DEC-01", "api.example.com:443").served(),
                connect("DEC-02", "other.example:443").refused(403, "host_not_allowed"),
                url("DEC-02", "http://other.example/").refused(403, "host_not_allowed"),
                connect("DEC-03", "api.example.com:8443").served(to(8443)),
                connect("DEC-03", "b.example.com:8443").refused(403, "port_not_allowed"),
                connect("DEC-04", "c.example.com:443").refused(403, "port_not_allowed"),
                connect("DEC-04", "c.example.com:8443").served(to(8443)),
                connect("DEC-05", "bad.wild.example.com:443").refused(403, "host_denied"),
                connect("DEC-05", "bad.wild.example.com:9999").refused(403, "host_denied"));
    }

    private static Stream<Case> wildcards() {
        return Stream.of(
                connect("WILD-01", "a.wild.example.com:443").served(),
                connect("WILD-01", "a.b.wild.example.com:443").served(),
                connect("WILD-02", "wild.example.com:443").refused(403, "host_not_allowed"),
                connect("WILD-03", "xwild.example.com:443").refused(403, "host_not_allowed"),
                connect("WILD-03", ".wild.example.com:443").refused(403, "host_not_allowed"),
                connect("WILD-07", "narrow.wild.example.com:443").refused(403, "port_not_allowed"),
                connect("WILD-07", "narrow.wild.example.com:8443").served(to(8443)),
                connect("WILD-07", "a.wild.example.com:8443").refused(403, "port_not_allowed"));
    }

    private static Stream<Case> connects() {
        return Stream.of(
                tunnel("PROXY-02", "api.example.com", "CONNECT api.example.com:443 HTTP/1.0")
                        .served(),
                tunnel("PROXY-03", "api.example.com", "CONNECT api.example.com:443 HTTP/1.1", "Host: other.example")
                        .served(),
                connect("PROXY-01", "api.example.com").answered(400),
                raw("PROXY-02", "CONNECT other.example:443 HTTP/1.0", "CONNECT other.example:443 HTTP/1.0\r\n\r\n")
                        .refused(403, "host_not_allowed"),
                proxy("PROXY-03", "CONNECT other.example:443 HTTP/1.1", "Host: api.example.com:443")
                        .refused(403, "host_not_allowed"),
                inTunnel(
                                "PROXY-11",
                                "clear text after CONNECT",
                                bytes("GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n"))
                        .closed("no_matching_chain"),
                inTunnel("PROXY-11", "SSH after CONNECT", bytes("SSH-2.0-x\r\n"))
                        .closed("no_matching_chain"),
                raw(
                                "PROXY-12",
                                "CONNECT with early data",
                                "CONNECT api.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\nEARLY")
                        .answered(400),
                connect("PROXY-14", "127.0.0.1:15001").refused(403, "host_not_allowed"),
                connect("PROXY-14", "localhost:15001").refused(403, "host_not_allowed"));
    }

    private static Stream<Case> urls() {
        return Stream.of(
                url("PROXY-04", "http://api.example.com/v1/models?q=1")
                        .served(to(443), ProxyHopTest::models, ProxyHopTest::credentials, authority("api.example.com")),
                proxy("PROXY-05", "GET http://api.example.com/ HTTP/1.1", "Host: other.example")
                        .served(authority("api.example.com")),
                proxy("PROXY-05", "GET http://other.example/ HTTP/1.1", "Host: api.example.com")
                        .refused(403, "host_not_allowed"),
                url("PROXY-06", "http://api.example.com:8443/").served(to(8443), authority("api.example.com:8443")),
                url("PROXY-06", "http://b.example.com:8443/").refused(403, "port_not_allowed"),
                url("PROXY-07", "http://api.example.com:80/").served(to(443), authority("api.example.com")),
                url("PROXY-07", "http://api.example.com:443/").served(to(443)),
                url("PROXY-07", "http://pin.example.com:80/").served(to(443), authority("pin.example.com")),
                url("PROXY-07", "http://a.wild.example.com:80/x?y=1")
                        .served(to(443), authority("a.wild.example.com"), ProxyHopTest::noneAdded),
                url("PROXY-08", "http://pin.example.com/").served(to(443)),
                url("PROXY-08", "http://a.wild.example.com/").served(to(443)),
                url("PROXY-09", "http://portclosed.example.com:7443/").answered(503),
                proxy("PROXY-10", "GET /e HTTP/1.1", "Host: api.example.com")
                        .served(to(443), ProxyHopTest::credentials),
                proxy("PROXY-10", "GET /e HTTP/1.1", "Host: other.example").refused(403, "host_not_allowed"),
                proxy("PROXY-10", "GET /e HTTP/1.1").answered(400),
                url("PROXY-10", "https://api.example.com/").refused(400, "absolute_form"),
                url("PROXY-10", "https://pin.example.com/").refused(400, "absolute_form"),
                url("PROXY-10", "https://other.example/").refused(403, "host_not_allowed"),
                proxy(
                                "PROXY-13",
                                "GET http://b.example.com/ HTTP/1.1",
                                "Host: b.example.com",
                                "Proxy-Authorization: Basic eA==",
                                "Proxy-Connection: close",
                                "Keep-Alive: 3",
                                "X-Envoy-Original-Path: /z")
                        .served(request -> assertThat(request.names())
                                .noneMatch(name -> name.startsWith("proxy-")
                                        || name.equals("keep-alive")
                                        || name.startsWith("x-envoy-"))));
    }

    private static Stream<Case> others() {
        return Stream.of(
                proxy("TLS-15", "TRACE http://api.example.com/ HTTP/1.1", "Host: api.example.com")
                        .refused(405, "method_not_allowed"),
                proxy("TLS-15", "TRACE http://other.example/ HTTP/1.1", "Host: other.example")
                        .refused(405, "method_not_allowed"),
                proxy("TLS-15", "TRACE / HTTP/1.1", "Host: api.example.com").refused(405, "method_not_allowed"),
                raw("HOS-01", "a request that is none", "GARBAGE\r\n\r\n").answered(400),
                proxy(
                                "HDR-07",
                                "GET http://api.example.com/ HTTP/1.1",
                                "Host: api.example.com",
                                "Upgrade: foo",
                                "Connection: upgrade")
                        .answered(403));
    }

    private static Check to(int port) {
        return request -> {
            assertThat(request.connection().to().getPort()).isEqualTo(port);
            assertThat(request.connection().sni()).isNotNull();
        };
    }

    private static Check authority(String expected) {
        return request -> assertThat(request.authority()).isEqualTo(expected);
    }

    private static void models(UpstreamRequest request) {
        assertThat(request.target()).isEqualTo("/v1/models?q=1");
    }

    private static void credentials(UpstreamRequest request) {
        assertThat(request.values("x-api-key")).containsExactly(Machine.KEY);
        assertThat(request.values("authorization")).containsExactly("Bearer " + Machine.KEY);
    }

    private static void noneAdded(UpstreamRequest request) {
        assertThat(request.names()).noneMatch(name -> name.startsWith("x-sallyport") || name.startsWith("x-envoy"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
