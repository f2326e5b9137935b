package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainCommandTest {
    private static final String P = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: p, namespace: agents}
            spec:
              hosts:
              - host: api.example.com
                ports: [443, 8443]
                credentials:
                - {header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}
                - {header: version, value: "1"}
              - host: b.example.com
              - host: "*.wild.example.com"
              - {host: bad.wild.example.com, action: Deny}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Path policy;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void write() throws IOException {
        policy = Files.writeString(directory.resolve("p.yaml"), P);
    }

    private int explain(String... args) {
        List<String> line = new ArrayList<>(List.of("explain", "--policy", policy.toString()));
        line.addAll(List.of(args));
        return Sallyport.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(line.toArray(String[]::new));
    }

    @Test
    @DisplayName("K8S-18 a Secret of the files that must not go to the host is told")
    void saysThatASecretMustNotGoToTheHost() throws IOException {
        Files.writeString(policy, P + """
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: api, namespace: agents, annotations: {sallyport.dev/hosts: other.example.com}}
                stringData: {token: sk-1}
                """);
        assertThat(explain("https://api.example.com/")).isZero();
        assertThat(out.toString())
                .contains(
                        "  but          500, credential_unavailable: Secret agents/api must not go to api.example.com: its"
                                + " annotation sallyport.dev/hosts allows only other.example.com")
                .doesNotContain("sk-1");
        out.getBuffer().setLength(0);
        assertThat(explain("--output", "json", "https://api.example.com/")).isZero();
        assertThat(out.toString()).contains("\"credentialProblems\":[\"Secret agents/api must not go to");
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.example.com/, 0, allowed, api.example.com, 6",
        "https://other.example/, 1, denied: host_not_allowed, -, 1",
        "http://other.example/, 1, denied: host_not_allowed, -, 1",
        "https://api.example.com:8443/, 0, allowed, api.example.com, 6",
        "https://b.example.com:8443/, 1, denied: port_not_allowed, b.example.com, 11",
        "https://bad.wild.example.com/, 1, denied: host_denied, bad.wild.example.com, 13",
        "https://bad.wild.example.com:9999/, 1, denied: host_denied, bad.wild.example.com, 13",
        "https://a.wild.example.com/, 0, allowed, *.wild.example.com, 12"
    })
    @DisplayName("DEC-12 verdict, reason and the deciding entry")
    void saysVerdictReasonAndEntry(String url, int exitCode, String verdict, String entry, int line) {
        assertThat(explain(url)).isEqualTo(exitCode);
        assertThat(out.toString().lines().findFirst()).contains(verdict);
        String decider = entry.equals("-") ? "no entry" : "entry " + entry;
        assertThat(out.toString()).contains("  decided by   " + decider + ", " + policy + ":" + line + "\n");
    }

    @Test
    void saysWhichHeadersAreSet() {
        assertThat(explain("http://api.example.com:80/")).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).isEqualTo("""
                        allowed
                          policy       agents/p
                          destination  api.example.com:443, upgraded to TLS by the sidecar
                          decided by   entry api.example.com, %s:6
                          because      the most specific entry, api.example.com, allows port 443
                          tls          Intercept: the sidecar checks each request and verifies the upstream
                          sets header  version from the policy (a constant)
                          sets header  x-api-key from Secret agents/api, key token
                        """.formatted(policy));
    }

    @Test
    void jsonHasTheSame() throws IOException {
        assertThat(explain("--output", "json", "b.example.com:1")).isEqualTo(ExitCode.NO);
        assertThat(out.toString().lines()).hasSize(1);
        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.path("allowed").asBoolean(true)).isFalse();
        assertThat(json.path("reason").asText()).isEqualTo("port_not_allowed");
        assertThat(json.path("entry").asText()).isEqualTo("b.example.com");
        assertThat(json.path("place").asText()).isEqualTo(policy + ":11");
        assertThat(json.path("tls").isNull()).isTrue();
    }

    @Test
    @DisplayName("DEC-07 a policy that is not accepted denies, and its errors are told")
    void aRejectedPolicyDenies() throws IOException {
        Files.writeString(policy, P.replace("8443", "0"));
        assertThat(explain("https://api.example.com/")).isEqualTo(ExitCode.NO);
        assertThat(out.toString())
                .startsWith("denied: host_not_allowed")
                .contains("not accepted", "p.yaml:7: EgressPolicy agents/p spec.hosts[0].ports[1]: ");
    }

    @Test
    void severalPoliciesNeedAChoice() throws IOException {
        Files.writeString(policy, P + "---\n" + P.replace("name: p", "name: q").replace("443, ", ""));
        assertThat(explain("https://api.example.com/")).isEqualTo(ExitCode.USAGE);
        assertThat(explain("--workload", "agents/x", "https://api.example.com/"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(explain("--workload", "agents/p", "https://api.example.com/"))
                .isEqualTo(ExitCode.OK);
        assertThat(explain("--workload", "agents/q", "https://api.example.com/"))
                .isEqualTo(ExitCode.NO);
    }

    @ParameterizedTest
    @CsvSource({"ftp://api.example.com/", "https://", "https://api.example.com:0/", "''"})
    void whatIsNoUrlIsWrongUsage(String url) {
        assertThat(explain(url)).isEqualTo(ExitCode.USAGE);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void filesThatSayNothingAreWrongUsage() throws IOException {
        Files.writeString(policy, "kind: [\n");
        assertThat(explain("https://api.example.com/")).isEqualTo(ExitCode.USAGE);
        Files.delete(policy);
        assertThat(explain("https://api.example.com/")).isEqualTo(ExitCode.USAGE);
    }
}
