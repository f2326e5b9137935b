package dev.sallyport.policy;

import static dev.sallyport.policy.Policies.acceptedHost;
import static dev.sallyport.policy.Policies.document;
import static dev.sallyport.policy.Policies.hostErrors;
import static dev.sallyport.policy.Policies.withHost;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
    private static final String SECRET = "valueFrom: {secretKeyRef: {name: api, key: token}}";

    private static String host(String... credentials) {
        return "host: a.example.com, credentials: [{" + String.join("}, {", credentials) + "}]";
    }

    private static List<String> errors(String... credentials) {
        return hostErrors(host(credentials));
    }

    private static List<PolicyProblem> warnings(String credential) {
        PolicyDocument document = document(withHost(host(credential)));
        assertThat(document.policy()).isPresent();
        return document.problems();
    }

    @Test
    void readsCredentialsSortedByHeader() {
        assertThat(acceptedHost(host(
                                "header: X-Api-Key, " + SECRET,
                                "header: Authorization, format: \"Bearer {value}\", " + SECRET,
                                "header: version, value: \"2023-06-01\""))
                        .credentials())
                .containsExactly(
                        new CredentialSpec(
                                "authorization",
                                "Bearer {value}",
                                Optional.empty(),
                                Optional.of(new SecretKey("api", "token"))),
                        new CredentialSpec("version", "{value}", Optional.of("2023-06-01"), Optional.empty()),
                        new CredentialSpec(
                                "x-api-key", "{value}", Optional.empty(), Optional.of(new SecretKey("api", "token"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "content-length",
                "EXPECT",
                "Connection",
                "keep-alive",
                "Proxy-Connection",
                "Proxy-Authenticate",
                "Proxy-Authorization",
                "te",
                "Trailer",
                "Transfer-Encoding",
                "Upgrade",
                "Forwarded",
                "via"
            })
    @DisplayName("POL-08 headers that route, frame or stop at a hop are errors")
    void refusesHeadersOfTheConnection(String header) {
        assertThat(errors("header: " + header + ", " + SECRET))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].credentials[0].header: found \"" + header + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-envoy-max-retries", "X-Forwarded-For", "\":path\""})
    @DisplayName("POL-09 headers that proxies read as instructions are errors")
    void refusesHeadersForProxies(String header) {
        assertThat(errors("header: " + header + ", " + SECRET))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].credentials[0].header:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x api key", "x-api-key:", "", "x-ключ", "x\\r\\ny", "x(y)"})
    @DisplayName("POL-10 a header that is no token is an error")
    void refusesHeadersThatAreNoTokens(String header) {
        assertThat(errors("header: \"" + header + "\", " + SECRET))
                .hasSize(1)
                .first()
                .asString()
                .contains("RFC 9110 token");
    }

    @Test
    @DisplayName("POL-11 a header twice on one host is an error at the second")
    void refusesHeadersTwice() {
        assertThat(errors("header: X-Api-Key, " + SECRET, "header: x-api-key, " + SECRET))
                .containsExactly(
                        "spec.hosts[0].credentials[1].header: header x-api-key of host a.example.com is already set by spec.hosts[0].credentials[0].header");
    }

    @Test
    @DisplayName("POL-12 both and neither of value and valueFrom are errors that name host and header")
    void requiresExactlyOneValue() {
        assertThat(errors("header: x-a, value: b, " + SECRET))
                .containsExactly(
                        "spec.hosts[0].credentials[0]: credential x-a of host a.example.com: found both, expected exactly one of value and valueFrom");
        assertThat(errors("header: x-a"))
                .containsExactly(
                        "spec.hosts[0].credentials[0]: credential x-a of host a.example.com: found neither, expected exactly one of value and valueFrom");
    }

    @Test
    @DisplayName("POL-13 a format without {value} is an error")
    void requiresThePlaceOfTheValue() {
        for (String rest : List.of(SECRET, "value: b")) {
            assertThat(errors("header: x-a, format: \"Bearer\", " + rest))
                    .containsExactly(
                            "spec.hosts[0].credentials[0].format: found no {value}, expected it where the value goes");
        }
        assertThat(errors("header: x-a, format: \"a\\n{value}\", " + SECRET)).hasSize(1);
        assertThat(errors("header: x-a, format: \" {value}\", " + SECRET)).hasSize(1);
        assertThat(errors("header: x-a, format: \"{value}" + "x".repeat(1_024) + "\", " + SECRET))
                .hasSize(1);
        assertThat(acceptedHost(host("header: x-a, format: \"{value}:{value}\", " + SECRET))
                        .credentials())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " b", "b ", "a\\r\\nb", "a\\0b", "a\\tb", "a\\u007Fb", "a\\u0085b"})
    void refusesLiteralsThatNoHeaderCanHold(String value) {
        assertThat(errors("header: x-a, value: \"" + value + "\""))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].credentials[0].value: found ");
    }

    @Test
    void boundsLiterals() {
        assertThat(acceptedHost(host("header: x-a, value: \"" + "v".repeat(16_377) + "\""))
                        .credentials())
                .hasSize(1);
        assertThat(errors("header: x-a, value: \"" + "v".repeat(16_385) + "\"")).hasSize(1);
        assertThat(errors("header: x-a, format: \"{value}{value}\", value: \"" + "v".repeat(9_000) + "\""))
                .hasSize(1);
    }

    @Test
    void manyWarningsAreNoError() {
        String eight = "{header: x%d-key, value: abc}, ".repeat(8).formatted(1, 2, 3, 4, 5, 6, 7, 8);
        StringBuilder hosts = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            hosts.append("{host: h")
                    .append(i)
                    .append(".example.com, credentials: [")
                    .append(eight)
                    .append("]}, ");
        }
        PolicyDocument document = document(Policies.withSpec("hosts: [" + hosts + "]"));
        assertThat(document.problems()).hasSize(2_000);
        assertThat(document.policy()).isPresent();
    }

    @Test
    void messagesNeverShowAValue() {
        assertThat(errors("header: x-a, value: [hunter2]"))
                .containsExactly("spec.hosts[0].credentials[0].value: found a list, expected a string");
        assertThat(errors("header: x-a, value: 4711"))
                .containsExactly(
                        "spec.hosts[0].credentials[0].value: found an integer, expected a string (put it in quotes)");
        assertThat(errors("header: x-a, value: \"hunter2\\n\"").toString()).doesNotContain("hunter2");
        assertThat(warnings("header: authorization, value: hunter2").toString()).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "header: authorization, value: anything",
                "header: Cookie, value: a=b",
                "header: x-api-key, value: abc",
                "header: x-a, value: sk-test-0123456789",
                "header: x-a, value: ghp_0123",
                "header: x-a, value: 0123456789abcdef0123456789abcdef"
            })
    void warnsOfLiteralsThatLookLikeSecrets(String credential) {
        assertThat(warnings(credential)).hasSize(1).first().satisfies(warning -> {
            assertThat(warning.severity()).isEqualTo(PolicyProblem.Severity.WARNING);
            assertThat(warning.path()).isEqualTo("spec.hosts[0].credentials[0].value");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "header: anthropic-version, value: \"2023-06-01\"",
                "header: user-agent, value: coding-agent/1.0",
                "header: x-a, value: application/vnd.github+json"
            })
    void doesNotWarnOfConstants(String credential) {
        assertThat(warnings(credential)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "valueFrom: {}",
                "valueFrom: {secretKeyRef: {name: api}}",
                "valueFrom: {secretKeyRef: {key: token}}",
                "valueFrom: {secretKeyRef: {name: a/b, key: token}}",
                "valueFrom: {secretKeyRef: {name: api, key: ..}}",
                "valueFrom: {secretKeyRef: {name: api, key: a/b}}",
                "valueFrom: {secretKeyRef: {name: api, key: token, optional: true}}",
                "valueFrom: x"
            })
    void refusesReferencesToNothing(String reference) {
        assertThat(errors("header: x-a, " + reference))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].credentials[0].valueFrom");
    }
}
