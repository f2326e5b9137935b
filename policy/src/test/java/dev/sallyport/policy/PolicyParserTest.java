package dev.sallyport.policy;

import static dev.sallyport.policy.Policies.accepted;
import static dev.sallyport.policy.Policies.acceptedHost;
import static dev.sallyport.policy.Policies.document;
import static dev.sallyport.policy.Policies.errors;
import static dev.sallyport.policy.Policies.hostErrors;
import static dev.sallyport.policy.Policies.withHost;
import static dev.sallyport.policy.Policies.withSpec;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyParserTest {
    @Test
    @DisplayName("POL-01 a policy with nothing but a host gets every default")
    void appliesDefaults() {
        EgressPolicy policy = accepted(withHost("host: api.example.com"));
        assertThat(policy)
                .isEqualTo(new EgressPolicy(
                        new PolicyId("agents", "p"),
                        Access.Restricted,
                        Capture.Redirect,
                        List.of(),
                        List.of(),
                        List.of(new HostEntry(
                                new HostPattern("api.example.com"),
                                Action.Allow,
                                List.of(443),
                                TlsMode.Intercept,
                                Addresses.Public,
                                List.of(),
                                Optional.empty(),
                                List.of(),
                                new Timeouts(Duration.ZERO, Duration.ofHours(1)))),
                        List.of(),
                        Duration.ofDays(1)));
        assertThat(acceptedHost("host: \"*.example.com\"").tls()).isEqualTo(TlsMode.Passthrough);
    }

    @Test
    @DisplayName("POL-02 an unknown field is an error with file, line, path and a near name")
    void refusesUnknownFields() {
        assertThat(document(withSpec("hosts:", "- host: a.example.com", "  port: 443", "host: b"))
                        .problems())
                .extracting(PolicyProblem::toString)
                .containsExactly(
                        "f.yaml:7: EgressPolicy agents/p spec.hosts[0].port: unknown field; did you mean ports?",
                        "f.yaml:8: EgressPolicy agents/p spec.host: unknown field; did you mean hosts?");
        assertThat(hostErrors("host: a, resolve_to: [10.0.0.1]"))
                .containsExactly("spec.hosts[0].resolve_to: unknown field; did you mean resolveTo?");
        assertThat(errors(withSpec("certificates: {xyz: 1}")))
                .containsExactly("spec.certificates.xyz: unknown field; expected one of leafTtl");
    }

    @Test
    @DisplayName("POL-03 a duplicate key is an error with the line of the second")
    void refusesDuplicateKeys() {
        assertThat(document(withSpec("hosts:", "- host: a.example.com", "  host: b.example.com"))
                        .problems())
                .extracting(PolicyProblem::toString)
                .containsExactly(
                        "f.yaml:7: EgressPolicy agents/p spec.hosts[0].host: duplicate key, the first one is in line 6");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hosts: api.example.com | spec.hosts: found \"api.example.com\", expected a list of host entries",
                "hosts: {host: a} | spec.hosts: found a map, expected a list of host entries",
                "hosts: [a] | spec.hosts[0]: found a string, expected a map",
                "hosts: | spec.hosts: found nothing (null), expected a list of host entries",
                "access: true | spec.access: found true, expected a string (put it in quotes)",
                "certificates: 24h | spec.certificates: found a string, expected a map",
                "certificates: {leafTtl: 60} | spec.certificates.leafTtl: found 60, expected a string (put it in quotes)"
            })
    @DisplayName("POL-04 a wrong type is an error")
    void refusesWrongTypes(String spec, String error) {
        assertThat(errors(withSpec(spec))).containsExactly(error);
    }

    @Test
    @DisplayName("POL-04 a spec that is no map is an error")
    void refusesSpecsThatAreNoMaps() {
        String head = "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p}\n";
        assertThat(errors(head + "spec: []")).containsExactly("spec: found a list, expected a map");
        assertThat(errors(head)).containsExactly("spec: missing, expected a map");
        assertThat(accepted(head + "spec: {}").hosts()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "action: maybe, 'one of Allow, Deny'",
        "action: allow, 'one of Allow, Deny'",
        "tls: intercept, 'one of Intercept, Passthrough'",
        "addresses: any, 'one of Public, Any'"
    })
    @DisplayName("POL-05 an unknown choice of a host is an error that lists the allowed values")
    void listsTheValuesOfHostChoices(String field, String expected) {
        assertThat(hostErrors("host: a.example.com, " + field))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].")
                .endsWith(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "access: restricted, 'one of None, Restricted, Unrestricted'",
        "capture: redirect, 'one of Redirect, Proxy'"
    })
    @DisplayName("POL-05 an unknown choice is an error that lists the allowed values")
    void listsTheValuesOfChoices(String field, String expected) {
        assertThat(errors(withSpec(field))).hasSize(1).first().asString().endsWith(expected);
    }

    @Test
    @DisplayName("POL-06 an entry without host, and an empty list of ports, are errors")
    void requiresHostAndPorts() {
        assertThat(hostErrors("ports: [443]"))
                .containsExactly("spec.hosts[0].host: missing, expected a host name, *.SUFFIX or *");
        assertThat(hostErrors("host: a.example.com, ports: []"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].ports: found an empty list");
    }

    @Test
    @DisplayName("POL-07 a second entry of the same host is an error that names the first")
    void refusesHostsTwice() {
        assertThat(document(withSpec("hosts:", "- host: api.example.com", "- host: API.EXAMPLE.COM."))
                        .problems())
                .extracting(PolicyProblem::toString)
                .containsExactly(
                        "f.yaml:7: EgressPolicy agents/p spec.hosts[1].host: host api.example.com already has an entry, spec.hosts[0] in line 6");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "-1", "0443", "+443", "0x1BB", "0o673", "99999999999999999999"})
    @DisplayName("HOST-09 a port that is none is an error")
    void refusesPortsOutOfRange(String port) {
        assertThat(hostErrors("host: a.example.com, ports: [" + port + "]"))
                .containsExactly("spec.hosts[0].ports[0]: found " + port
                        + ", expected an integer from 1 to 65535 in decimal, without sign or leading zero");
    }

    @Test
    @DisplayName("HOST-10 ports of a wrong type are errors")
    void refusesPortsOfAWrongType() {
        assertThat(hostErrors("host: a.example.com, ports: [\"443\"]"))
                .containsExactly(
                        "spec.hosts[0].ports[0]: found \"443\", expected an integer from 1 to 65535 without quotes");
        assertThat(hostErrors("host: a.example.com, ports: 443"))
                .containsExactly("spec.hosts[0].ports: found 443, expected a list of integers");
        assertThat(hostErrors("host: a.example.com, ports: [443.0]"))
                .containsExactly("spec.hosts[0].ports[0]: found 443.0, expected an integer from 1 to 65535");
        assertThat(hostErrors("host: a.example.com, ports: [443, 443]"))
                .containsExactly("spec.hosts[0].ports[1]: found 443 a second time");
    }

    @Test
    void boundsLists() {
        String seventeen =
                IntStream.rangeClosed(1, 17).mapToObj(String::valueOf).collect(Collectors.joining(", "));
        assertThat(hostErrors("host: a.example.com, ports: [" + seventeen + "]"))
                .containsExactly("spec.hosts[0].ports: found more than 16 ports, expected at most 16");
        String nine = IntStream.rangeClosed(1, 9)
                .mapToObj("{header: x%d, value: a}"::formatted)
                .collect(Collectors.joining(", "));
        assertThat(hostErrors("host: a.example.com, credentials: [" + nine + "]"))
                .containsExactly("spec.hosts[0].credentials: found 9 credentials, expected at most 8 a host");
        assertThat(errors(withSpec("hosts: [" + hosts(1_001, "") + "]")))
                .containsExactly("spec.hosts: found 1001 hosts, expected at most 1000");
        assertThat(accepted(withSpec("hosts: [" + hosts(1_000, "") + "]")).hosts())
                .hasSize(1_000);
        assertThat(errors(withSpec("hosts: [" + hosts(33, ", resolveTo: [10.0.0.1]") + "]")))
                .containsExactly("spec.hosts: found 33 hosts with trustedCa or resolveTo, expected at most 32");
        assertThat(accepted(withSpec("hosts: [" + hosts(32, ", resolveTo: [10.0.0.1]") + "]"))
                        .hosts())
                .hasSize(32);
    }

    private static String hosts(int count, String fields) {
        return IntStream.range(0, count)
                .mapToObj(i -> "{host: h" + i + ".example.com" + fields + "}")
                .collect(Collectors.joining(", "));
    }

    @Test
    @DisplayName("POL-14 credentials where they cannot be injected are errors")
    void refusesCredentialsWithoutInterception() {
        String credentials = ", credentials: [{header: x-a, value: b}]";
        assertThat(hostErrors("host: a.example.com, tls: Passthrough" + credentials))
                .containsExactly(
                        "spec.hosts[0].credentials: has no effect on a host that is passed through unread, remove it");
        assertThat(hostErrors("host: a.example.com, action: Deny" + credentials))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].credentials: has no effect");
        for (String access : List.of("None", "Unrestricted")) {
            assertThat(errors(withSpec("access: " + access, "hosts: [{host: a.example.com" + credentials + "}]")))
                    .containsExactly(
                            "spec.hosts: has no effect with access " + access + ", which has no sidecar, remove it");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ports: [443]",
                "tls: Intercept",
                "addresses: Any",
                "resolveTo: [10.0.0.1]",
                "trustedCa: {configMapKeyRef: {name: a, key: b}}",
                "credentials: []",
                "timeouts: {}"
            })
    @DisplayName("POL-15 a Deny entry has nothing but its host")
    void refusesFieldsOfDenyEntries(String field) {
        assertThat(hostErrors("host: a.example.com, action: Deny, " + field))
                .hasSize(1)
                .first()
                .asString()
                .contains("has no effect on a Deny entry");
    }

    @Test
    @DisplayName("POL-15 a field that would have no effect is an error")
    void refusesFieldsWithoutEffect() {
        assertThat(hostErrors("host: a.example.com, tls: Passthrough, trustedCa: {configMapKeyRef: {name: a, key: b}}"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].trustedCa: has no effect");
        assertThat(errors(withSpec("access: None", "hosts: []")))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts: has no effect");
        assertThat(errors(withSpec("access: Unrestricted", "certificates: {leafTtl: 1h}")))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.certificates: has no effect");
        assertThat(errors(withSpec("capture: Proxy", "keepCapabilities: [SETUID]")))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.keepCapabilities: has no effect");
        assertThat(hostErrors("host: a.example.com, resolveTo: [10.0.0.1], addresses: Any"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].addresses: has no effect");
    }

    @Test
    @DisplayName("WILD-10 a wildcard with credentials or tls Intercept is an error")
    void refusesInterceptedWildcards() {
        assertThat(hostErrors("host: \"*.example.com\", credentials: [{header: x-a, value: b}]"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].credentials:");
        for (String host : List.of("*.example.com", "*")) {
            assertThat(hostErrors("host: \"" + host + "\", tls: Intercept"))
                    .containsExactly(
                            "spec.hosts[0].tls: found \"Intercept\", expected Passthrough: a wildcard cannot be intercepted");
        }
        assertThat(hostErrors("host: \"*.example.com\", resolveTo: [10.0.0.1]"))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].resolveTo: a wildcard");
        assertThat(hostErrors("host: \"*.example.com\", trustedCa: {configMapKeyRef: {name: a, key: b}}"))
                .hasSize(1);
    }

    @Test
    @DisplayName("POL-16 leafTtl is 60s to 168h")
    void boundsLeafTtl() {
        assertThat(accepted(withSpec("certificates: {leafTtl: 60s}")).leafTtl()).isEqualTo(Duration.ofMinutes(1));
        assertThat(accepted(withSpec("certificates: {leafTtl: 168h}")).leafTtl())
                .isEqualTo(Duration.ofDays(7));
        for (String bad :
                List.of("59s", "169h", "167h60m1s", "1d", "60", "-1h", "1h ", "", "1000000000000000000000000000000h")) {
            assertThat(errors(withSpec("certificates: {leafTtl: \"" + bad + "\"}")))
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("\"" + bad + "\"")
                    .contains("60s to 168h");
        }
    }

    @Test
    @DisplayName("POL-17 an empty list of service accounts is an error")
    void refusesEmptyServiceAccounts() {
        assertThat(errors(withSpec("serviceAccounts: []")))
                .containsExactly(
                        "spec.serviceAccounts: found an empty list, expected at least one name (leave the field out for any)");
        assertThat(accepted(withSpec("serviceAccounts: [b, a.b]")).serviceAccounts())
                .containsExactly("a.b", "b");
        assertThat(errors(withSpec("serviceAccounts: [A, a, a]"))).hasSize(2);
    }

    @Test
    void readsTheRestOfASpec() {
        EgressPolicy policy = accepted(withSpec(
                "keepCapabilities: [SETUID, SETGID]",
                "expose: [{name: web, port: 8080}, {name: api, port: 80}]",
                "capture: Redirect"));
        assertThat(policy.keepCapabilities()).containsExactly("SETGID", "SETUID");
        assertThat(policy.expose()).containsExactly(new ExposedPort("api", 80), new ExposedPort("web", 8080));
        assertThat(errors(withSpec("keepCapabilities: [NET_RAW]")))
                .containsExactly("spec.keepCapabilities[0]: found \"NET_RAW\", expected one of SETGID, SETUID");
        assertThat(
                        errors(
                                withSpec(
                                        "expose: [{name: Web, port: 0}, {port: 1}, {name: a}, {name: b, port: 2}, {name: b, port: 2}]")))
                .hasSize(6);
    }

    @Test
    @DisplayName("POL-18 all mistakes of a document are told at once, in the order of lines")
    void tellsAllMistakesAtOnce() {
        assertThat(document(withSpec("access: x", "hosts:", "- {host: a b}", "- {host: c.example.com, ports: [0]}"))
                        .problems())
                .extracting(PolicyProblem::path)
                .containsExactly("spec.access", "spec.hosts[0].host", "spec.hosts[1].ports[0]");
        assertThat(
                        errors(
                                "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {}\nspec: {hosts: [{ports: [0], tls: x}]}"))
                .hasSize(4);
    }

    @Test
    void tellsOfManyMistakesOnlyTheFirst() {
        assertThat(errors(withSpec("a: 1\n  ".repeat(100_000))))
                .hasSize(2_001)
                .last()
                .asString()
                .contains("more errors follow");
        assertThat(hostErrors("host: a.example.com, ports: [" + "0, ".repeat(100_000) + "0]"))
                .hasSize(17);
    }

    @Test
    @DisplayName("POL-19 a bad document hurts only itself")
    void aBadDocumentHurtsOnlyItself() {
        String good = withHost("host: a.example.com");
        ParsedFile file = PolicyParser.parse(
                "f.yaml",
                good + "---\n" + withHost("host: a b").replace("name: p", "name: q")
                        + "---\nkind: Secret\nx: [\n---\nkind: Secret\n");
        assertThat(file.policies())
                .extracting(document -> document.policy().isPresent())
                .containsExactly(true, false);
        assertThat(file.others()).hasSize(1);
        assertThat(file.problems())
                .hasSize(1)
                .first()
                .extracting(PolicyProblem::object)
                .isEqualTo("Secret default/?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "apiVersion: sallyport.dev/v1alpha1 | apiVersion: sallyport.dev/v1 | apiVersion: found \"sallyport.dev/v1\", expected sallyport.dev/v1alpha1",
                "apiVersion: sallyport.dev/v1alpha1 | apiVersion: v1 | apiVersion: found \"v1\", expected sallyport.dev/v1alpha1",
                "apiVersion: sallyport.dev/v1alpha1 | # | apiVersion: missing, expected sallyport.dev/v1alpha1",
                "kind: EgressPolicy | kind: EgressPolicies | kind: found \"EgressPolicies\", expected EgressPolicy",
                "kind: EgressPolicy | # | kind: missing, expected EgressPolicy",
                "kind: EgressPolicy | kind: [a] | kind: found a list, expected a string"
            })
    @DisplayName("POL-20 a document that is almost a policy is an error")
    void refusesOtherVersionsAndKinds(String what, String by, String error) {
        assertThat(errors(withHost("host: a.example.com").replace(what, by))).containsExactly(error);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{name: A}",
                "{name: a.b}",
                "{name: -a}",
                "{name: 7}",
                "{name: a, namespace: B}",
                "{name: a, namespace: }",
                "[]",
                "{name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}"
            })
    @DisplayName("POL-20 a document that names no workload is an error")
    void requiresANameThatIsADnsLabel(String metadata) {
        String yaml = withHost("host: a.example.com").replace("{name: p, namespace: agents}", metadata);
        assertThat(errors(yaml)).hasSize(1).first().asString().startsWith("metadata");
        assertThat(document(yaml).id()).isEmpty();
    }

    @Test
    void acceptsWhatKubectlPrints() {
        EgressPolicy policy = accepted("""
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata:
                  annotations: {a: "true"}
                  labels: {b: c}
                  creationTimestamp: "2026-01-01T00:00:00Z"
                  generation: 2
                  managedFields: [{manager: kubectl, fieldsV1: {"f:spec": {"f:hosts": {}}}}]
                  name: p
                  resourceVersion: "7"
                  uid: 1b2c
                spec: {hosts: [{host: a.example.com}]}
                status: {conditions: [{type: Accepted}]}
                """);
        assertThat(policy.id()).isEqualTo(new PolicyId("default", "p"));
    }

    @Test
    void labelsAndAnnotationsAreStrings() {
        String yaml =
                withHost("host: a.example.com").replace("namespace: agents", "labels: {a: true}, annotations: []");
        assertThat(errors(yaml))
                .containsExactly(
                        "metadata.annotations: found a list, expected a map of strings",
                        "metadata.labels.a: found true, expected a string (put it in quotes)");
    }

    @Test
    @DisplayName("DEC-07 a document that a syntax error cuts off still says whom it was for")
    void aBrokenDocumentKeepsItsId() {
        PolicyDocument document = document(withSpec("hosts:", "- host: a.example.com", "  ports: [443"));
        assertThat(document.id()).contains(new PolicyId("agents", "p"));
        assertThat(document.policy()).isEmpty();
        assertThat(document.problems()).hasSize(1).first().satisfies(problem -> {
            assertThat(problem.message()).startsWith("not valid YAML: ");
            assertThat(problem.line()).isBetween(7, 8);
        });
    }

    @Test
    void documentsWithoutAKindAreErrors() {
        assertThat(PolicyParser.parse("f.yaml", "a: b").problems())
                .extracting(PolicyProblem::toString)
                .containsExactly(
                        "f.yaml:1: document kind: missing, expected the kind of an object, such as EgressPolicy");
        assertThat(PolicyParser.parse("f.yaml", "kind: NetworkPolicy").others()).hasSize(1);
    }

    @Test
    void readsJson() {
        assertThat(accepted(
                                "{\"apiVersion\":\"sallyport.dev/v1alpha1\",\"kind\":\"EgressPolicy\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"hosts\":[{\"host\":\"a.example.com\",\"ports\":[8443]}]}}")
                        .hosts()
                        .get(0)
                        .ports())
                .containsExactly(8443);
    }

    @Test
    void remembersWhereEachHostStands() {
        PolicyDocument document = document(
                "# a comment\n" + withSpec("hosts:", "- host: b.example.com", "- ports: [1]", "  host: A.example.com"));
        assertThat(document.line()).isEqualTo(2);
        assertThat(document.hostLines()).hasToString("{a.example.com=9, b.example.com=7}");
    }

    @Test
    void readsTimeouts() {
        assertThat(acceptedHost("host: a.example.com, timeouts: {request: 100ms, idle: 1h30m}")
                        .timeouts())
                .isEqualTo(new Timeouts(Duration.ofMillis(100), Duration.ofMinutes(90)));
        assertThat(acceptedHost("host: a.example.com, timeouts: {idle: 0s}").timeouts())
                .isEqualTo(new Timeouts(Duration.ZERO, Duration.ZERO));
        assertThat(acceptedHost("host: a.example.com, timeouts: {idle: 1.5s}")
                        .timeouts()
                        .idle())
                .isEqualTo(Duration.ofMillis(1_500));
        assertThat(acceptedHost("host: a.example.com, timeouts: {idle: 1000us}")
                        .timeouts()
                        .idle())
                .isEqualTo(Duration.ofMillis(1));
        for (String bad : List.of("1us", "25h", "24h1ms", "5", "1 s", "s", "1.s", ".5s", "1h-1m", "∞", "0")) {
            assertThat(hostErrors("host: a.example.com, timeouts: {request: \"" + bad + "\"}"))
                    .hasSize(1)
                    .first()
                    .asString()
                    .startsWith("spec.hosts[0].timeouts.request: found \"" + bad + "\", expected a duration from 0s");
        }
    }

    @Test
    void readsTrustedCa() {
        assertThat(acceptedHost("host: a.example.com, trustedCa: {configMapKeyRef: {name: roots, key: ca.pem}}")
                        .trustedCa())
                .contains(new ConfigMapKey("roots", "ca.pem"));
        assertThat(hostErrors("host: a.example.com, trustedCa: {}"))
                .containsExactly(
                        "spec.hosts[0].trustedCa.configMapKeyRef: missing, expected the name and key of an object");
        assertThat(hostErrors("host: a.example.com, trustedCa: {configMapKeyRef: {name: Roots, key: ../x}}"))
                .hasSize(2);
        assertThat(hostErrors("host: a.example.com, trustedCa: {secretKeyRef: {name: roots, key: x}}"))
                .hasSize(2);
    }
}
