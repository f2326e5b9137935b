package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.connect;
import static dev.sallyport.e2e.Attempts.inside;
import static dev.sallyport.e2e.Attempts.url;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.e2e.Case.Given;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.UpstreamRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What each guard in a sidecar's resources is for: an attack that it stops, and that succeeds once the guard is taken out of the resources on their way to Envoy.
 *
 * <table>
 * <caption>Guards and their controls</caption>
 * <tr><th>guard</th><th>where</th><th>without it</th></tr>
 * <tr><td>addresses that names may lead to</td><td>{@code resolved_address_filter} of the DNS caches</td><td>the request arrives at the address inside</td></tr>
 * <tr><td>the app's copies of a credential's header</td><td>{@code clean} in each chain, {@code overwrite} of the injectors</td><td>the app's own value arrives, in the place of ours too</td></tr>
 * <tr><td>whose chain a request came through (421)</td><td>{@code filter_state} of routes inside TLS</td><td>one host's credential goes to another host</td></tr>
 * <tr><td>which host a request names (400)</td><td>{@code domains} of the virtual hosts inside TLS</td><td>the credential goes to a host that is not in the policy</td></tr>
 * <tr><td>which name the TLS is for</td><td>{@code server_names} of the chains</td><td>a host that is not in the policy is reached</td></tr>
 * <tr><td>names that a wildcard does not mean</td><td>the chain {@code host_denied}</td><td>a denied host is reached</td></tr>
 * <tr><td>no address in the place of a name, with {@code *}</td><td>{@code names-only}</td><td>the address is dialled</td></tr>
 * <tr><td>no TRACE</td><td>the route {@code method_not_allowed}</td><td>the answer repeats the credential to the app</td></tr>
 * <tr><td>the certificate of the upstream</td><td>{@code combined_validation_context} of the clusters</td><td>an impostor gets the credential</td></tr>
 * <tr><td>the port of CONNECT</td><td>{@code headers} of the route {@code connect}</td><td>a tunnel to any port is opened</td></tr>
 * </table>
 */
@EndToEnd
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GuardControlsTest {
    private static final PolicyId STAR = new PolicyId("agents", "star");
    private static final List<String> IMPOSTORS = List.of("expired", "selfsigned", "wrongname", "unknownca");
    private static final AtomicInteger MARKERS = new AtomicInteger();

    /** Where a connection to a name of {@link AddressGuardTest} arrives; empty: Envoy dials, and the kernel does not let it (no such TCP connection can be, or not from a socket for IPv6 alone). */
    private static final Map<String, String> ARRIVALS = new TreeMap<>(Map.ofEntries(
            Map.entry("loopback", "127.0.0.1"),
            Map.entry("loopback6", "0:0:0:0:0:0:0:1"),
            Map.entry("zero", "127.0.0.1"),
            Map.entry("zero6", "0:0:0:0:0:0:0:1"),
            Map.entry("metadata", "169.254.169.254"),
            Map.entry("metadata6", "fd00:ec2:0:0:0:0:0:254"),
            Map.entry("alibaba", "100.100.100.200"),
            Map.entry("azure", "168.63.129.16"),
            Map.entry("linklocal6", ""),
            Map.entry("multicast", ""),
            Map.entry("multicast6", ""),
            Map.entry("mapped", ""),
            Map.entry("compatible", "0:0:0:0:0:0:a09:1"),
            Map.entry("nat64", "64:ff9b:0:0:0:0:a09:1"),
            Map.entry("nat64local", "64:ff9b:1:0:0:0:a09:1"),
            Map.entry("sixtofour", "2002:a09:1:0:0:0:0:1"),
            Map.entry("teredo", "2001:0:a09:1:0:0:0:1"),
            Map.entry("ten", "10.9.0.1"),
            Map.entry("oneseventytwo", "172.16.0.1"),
            Map.entry("home", "192.168.7.1"),
            Map.entry("shared", "100.64.0.1"),
            Map.entry("protocol", "192.0.0.9"),
            Map.entry("benchmark", "198.18.0.1"),
            Map.entry("uniquelocal", "fd00:9:0:0:0:0:0:1"),
            Map.entry("sitelocal", "fec0:0:0:0:0:0:0:9"),
            Map.entry("discard", "100:0:0:0:0:0:0:9"),
            Map.entry("segment", "5f00:0:0:0:0:0:0:9")));

    private final Machine machine = Machine.with(policies());
    private Verdicts verdicts;

    @SuppressWarnings("NullAway.Init") // Before the tests.
    GuardControlsTest() {}

    private static String policies() {
        String credential = "credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]";
        return Machine.P
                + Stream.concat(AddressGuardTest.PRIVATE.stream(), AddressGuardTest.NEVER.stream())
                        .map(name -> "  - {host: " + name + ".example.com}\n")
                        .collect(Collectors.joining())
                + IMPOSTORS.stream()
                        .map(name -> "  - host: " + name + ".example.com\n    " + credential + "\n")
                        .collect(Collectors.joining())
                + """
                ---
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: star, namespace: agents}
                spec: {hosts: [{host: "*"}]}
                """;
    }

    @BeforeAll
    void start() {
        verdicts = verdicts(Machine.AGENTS_P);
    }

    @AfterAll
    void stop() throws IOException {
        machine.close();
    }

    @Test
    @DisplayName("CAP-17 control: resources that are altered in nothing serve and refuse as ever")
    void changesNothingByItself() throws IOException {
        Attacks attacks = new Attacks()
                .of(inside("CAP-17").get("/e"), Given::served, served(GuardControlsTest::ours))
                .of(
                        inside("CAP-17").to("ten.example.com").get("/e"),
                        given -> given.refused(503, "address_not_public"),
                        (reply, came) -> {
                            assertThat(reply.header("x-sallyport-reason")).contains("address_not_public");
                            assertThat(came).isEmpty();
                        });

        attacks.run(Without.nothing());
    }

    @Test
    @DisplayName("CAP-17 CAP-09 without the address guard a name leads to every address inside")
    void addresses() throws IOException {
        Attacks attacks = new Attacks();
        ARRIVALS.forEach((name, address) -> {
            String host = name + ".example.com";
            Outcome reached = address.isEmpty() ? GuardControlsTest::dialledInVain : served(cameTo(address));
            attacks.of(inside("CAP-17").to(host).get("/e"), given -> given.refused(503, "address_not_public"), reached)
                    .of(
                            url("CAP-17", "http://" + host + "/e"),
                            given -> given.refused(503, "address_not_public"),
                            reached);
        });
        for (String name : List.of("loopback", "loopback6", "ten", "metadata")) {
            attacks.of(
                    inside("CAP-17")
                            .to(name + ".wild.example.com")
                            .trustingPublicRoots()
                            .get("/e"),
                    given -> given.closed("no_usable_address"),
                    served(cameTo(address(name))));
        }

        attacks.run(Without.field("resolved_address_filter"));
    }

    @Test
    @DisplayName("CAP-17 the table of addresses has all that the guard is tried with")
    void allAddresses() {
        assertThat(ARRIVALS.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(AddressGuardTest.PRIVATE.stream(), AddressGuardTest.NEVER.stream())
                                .toList());
    }

    @Test
    @DisplayName("CAP-17 HDR-02 without the strip filter the app's copies of a credential's header arrive")
    void copiesOfHeaders() throws IOException {
        Given forged = inside("CAP-17")
                .get(
                        "/e",
                        "api.example.com",
                        "x_api_key: forged",
                        "x-envoy-max-retries: 9",
                        "x-forwarded-for: 1.2.3.4");

        new Attacks()
                .of(
                        forged,
                        given -> given.served(request -> assertThat(request.names())
                                .doesNotContain("x_api_key", "x-envoy-max-retries", "x-forwarded-for")),
                        served(request -> {
                            assertThat(request.values("x_api_key")).containsExactly("forged");
                            assertThat(request.values("x-forwarded-for")).containsExactly("1.2.3.4");
                        }))
                .run(Without.named("http_filters", "clean").in("tls/443"));
    }

    @Test
    @DisplayName(
            "CAP-17 HDR-01 with an injector that does not overwrite either, the app's own value takes the place of ours")
    void valuesOfHeaders() throws IOException {
        new Attacks()
                .of(
                        inside("CAP-17").get("/e", "api.example.com", "x-api-key: forged"),
                        given -> given.served(GuardControlsTest::ours),
                        served(request ->
                                assertThat(request.values("x-api-key")).containsExactly("forged")))
                .run(Without.named("http_filters", "clean").in("tls/443").and(Without.field("overwrite")));
    }

    @Test
    @DisplayName(
            "CAP-17 TLS-02 without the check of the chain one host's credential goes to another host of the policy")
    void authorityOfAnotherHost() throws IOException {
        new Attacks()
                .of(
                        inside("CAP-17").get("/e", "b.example.com"),
                        given -> given.refused(421, "authority_mismatch"),
                        served(request -> {
                            assertThat(request.connection().sni()).isEqualTo("b.example.com");
                            ours(request);
                        }))
                .run(Without.field("filter_state"));
    }

    @Test
    @DisplayName("CAP-17 TLS-04 without the check of the authority a credential goes to a host that no policy names")
    void authorityOfNoHost() throws IOException {
        Without domains = host -> host.putArray("domains").add("*");
        new Attacks()
                .of(
                        inside("CAP-17").get("/e", "c.example.com"),
                        given -> given.refused(400, "bad_authority"),
                        served(request -> {
                            assertThat(request.connection().sni()).isEqualTo("c.example.com");
                            ours(request);
                        }))
                .run(Without.named("virtual_hosts", "rest")
                        .and(domains.within("virtual_hosts", "api.example.com"))
                        .in("tls/443"));
    }

    @Test
    @DisplayName("CAP-17 CERT-07 without the names of its chain a tunnel leads to hosts that no policy names")
    void serverName() throws IOException {
        new Attacks()
                .of(
                        inside("CAP-17")
                                .through("a.wild.example.com:443")
                                .asking("x.example.org")
                                .trustingPublicRoots()
                                .get("/e"),
                        given -> given.closed("no_matching_chain"),
                        served(request -> assertThat(request.connection().sni()).isEqualTo("x.example.org")))
                .run(Without.field("server_names").within("filter_chains", "*.wild.example.com"));
    }

    @Test
    @DisplayName("CAP-17 WILD-06 without the closing chain a wildcard leads to what the policy denies")
    void closingChain() throws IOException {
        new Attacks()
                .of(
                        inside("CAP-17")
                                .through("a.wild.example.com:443")
                                .asking("bad.wild.example.com")
                                .trustingPublicRoots()
                                .get("/e"),
                        given -> given.closed("host_denied"),
                        served(request -> assertThat(request.connection().sni()).isEqualTo("bad.wild.example.com")))
                .run(Without.named("filter_chains", "host_denied"));
    }

    @Test
    @DisplayName("CAP-17 TLS-15 without its refusal the answer to a TRACE repeats the credential")
    void trace() throws IOException {
        new Attacks()
                .of(
                        inside("CAP-17").request("TRACE /e HTTP/1.1", "Host: api.example.com"),
                        given -> given.refused(405, "method_not_allowed"),
                        (reply, came) -> assertThat(reply.body()).contains("x-api-key: " + Machine.KEY))
                .run(Without.named("routes", "method_not_allowed"));
    }

    @Test
    @DisplayName("CAP-17 CERT-10 without the check of its certificate an impostor gets the credential")
    void upstreamCertificate() throws IOException {
        Attacks attacks = new Attacks();
        for (String name : IMPOSTORS) {
            attacks.of(
                    inside("CAP-17").to(name + ".example.com").get("/e"),
                    given -> given.refused(503, "upstream_untrusted"),
                    served(GuardControlsTest::ours));
        }

        // Envoy insists on the names in certificates unless it is told not to.
        Without insistence = cluster -> {
            if (cluster.at("/cluster_type/typed_config") instanceof ObjectNode config) {
                config.put("allow_insecure_cluster_options", true);
            }
        };
        attacks.run(Without.field("combined_validation_context")
                .and(Without.field("auto_san_validation"))
                .and(insistence));
    }

    @Test
    @DisplayName("CAP-17 DEC-03 without the check of the port CONNECT opens a tunnel to any port")
    void port() throws IOException {
        new Attacks()
                .of(
                        connect("CAP-17", "b.example.com:9999", "b.example.com"),
                        given -> given.refused(403, "port_not_allowed"),
                        // The tunnel is there; the inner hop still knows which port it is for.
                        (reply, came) ->
                                assertThat(reply.header("x-sallyport-reason")).contains("bad_authority"))
                .run(Without.field("headers").within("routes", "connect"));
    }

    @Test
    @DisplayName("CAP-17 CERT-07 without its check of names a policy with * leads to addresses")
    void addressAsServerName() throws IOException {
        new Attacks(STAR, verdicts(STAR))
                .of(
                        inside("CAP-17")
                                .through("x.example.org:443")
                                .asking("203.0.113.19")
                                .trustingEveryone()
                                .get("/e"),
                        given -> given.closed("no_matching_chain"),
                        served(cameTo("203.0.113.19")))
                .run(Without.named("filters", "names-only"));
    }

    private Verdicts verdicts(PolicyId workload) {
        TestSidecar sidecar = machine.sidecar(workload);
        return new Verdicts(workload.toString(), machine.app(workload, sidecar), sidecar);
    }

    /** What must come of an attack. */
    @FunctionalInterface
    private interface Outcome {
        void check(HttpReply reply, List<UpstreamRequest> came);
    }

    /** Attacks on one guard. */
    private final class Attacks {
        private final PolicyId workload;
        private final Verdicts guarded;
        private final List<Case> withGuard = new ArrayList<>();
        private final List<Outcome> withoutGuard = new ArrayList<>();

        Attacks() {
            this(Machine.AGENTS_P, verdicts);
        }

        Attacks(PolicyId workload, Verdicts guarded) {
            this.workload = workload;
            this.guarded = guarded;
        }

        /** One, and what comes of it with the guard and without. */
        Attacks of(Given attack, Function<Given, Case> refused, Outcome unguarded) {
            withGuard.add(refused.apply(attack));
            withoutGuard.add(unguarded);
            return this;
        }

        void run(Without guard) throws IOException {
            for (Case one : withGuard) {
                guarded.check(one);
            }
            try (AlteredControlPlane altered = AlteredControlPlane.start(machine, guard);
                    TestSidecar sidecar = altered.sidecar(workload)) {
                assertThat(sidecar.errors()).as("what Envoy rejected").isEmpty();
                for (int i = 0; i < withGuard.size(); i++) {
                    String marker = "control-" + MARKERS.incrementAndGet();
                    HttpReply reply =
                            withGuard.get(i).action().run(machine.app(workload, sidecar), "x-case: " + marker);
                    List<UpstreamRequest> came = Internet.get().upstream().requests("x-case", marker);
                    Outcome outcome = withoutGuard.get(i);
                    assertThatCode(() -> outcome.check(reply, came))
                            .as("without the guard: %s", withGuard.get(i).what())
                            .doesNotThrowAnyException();
                }
                assertThat(sidecar.errors()).isEmpty();
            }
        }
    }

    private static Outcome served(Case.Check check) {
        return (reply, came) -> {
            assertThat(reply.status()).as("%s", reply).isEqualTo(200);
            assertThat(came).singleElement().satisfies(check::accept);
        };
    }

    /** It was let through, and the kernel said no. */
    private static void dialledInVain(HttpReply reply, List<UpstreamRequest> came) {
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("x-sallyport-reason")).isEmpty();
        assertThat(reply.body()).contains("connection failure");
        assertThat(came).isEmpty();
    }

    private static Case.Check cameTo(String address) {
        return request -> assertThat(request.connection().to().getAddress().getHostAddress())
                .isEqualTo(address);
    }

    private static String address(String name) {
        return ARRIVALS.getOrDefault(name, "");
    }

    private static void ours(UpstreamRequest request) {
        assertThat(request.values("x-api-key")).containsExactly(Machine.KEY);
    }
}
