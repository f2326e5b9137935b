package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
    private static final String GOOD = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: p, namespace: agents}
            spec:
              hosts:
              - host: api.example.com
                credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]
                trustedCa: {configMapKeyRef: {name: roots, key: ca.pem}}
            """;
    private static final String WARNS =
            GOOD.replace("valueFrom: {secretKeyRef: {name: api, key: token}}", "value: hunter2");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit's
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int check(String... args) {
        String[] line = new String[args.length + 1];
        line[0] = "check";
        System.arraycopy(args, 0, line, 1, args.length);
        return Sallyport.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(line);
    }

    private String file(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text).toString();
    }

    @Test
    @DisplayName(
            "K8S-18 a Secret of the files that must not go to the host is a warning, and a malformed annotation an error")
    void aSecretThatMustNotGoToTheHostIsAWarning() throws IOException {
        String secret = """
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: api, namespace: agents, annotations: {sallyport.dev/hosts: "%s"}}
                stringData: {token: sk-1}
                """;
        assertThat(check(file("p.yaml", GOOD + secret.formatted("b.example.com"))))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains(
                        "p.yaml:6: EgressPolicy agents/p spec.hosts: warning: host api.example.com: credential x-api-key: Secret agents/api must not go to api.example.com")
                .doesNotContain("sk-1");
        assertThat(check(file("p.yaml", GOOD + secret.formatted("api.example.com"))))
                .isEqualTo(ExitCode.OK);
        out.getBuffer().setLength(0);
        assertThat(check(file("p.yaml", GOOD + secret.formatted("*")))).isNotEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains(
                        "Secret agents/api metadata.annotations.sallyport.dev/hosts: found \"*\", expected exact host names");
    }

    @Test
    void aCleanFilePrintsNothingOnStdout() throws IOException {
        assertThat(check(file("p.yaml", GOOD))).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isEqualTo("sallyport: policies in force: 1, errors: 0, warnings: 0\n");
    }

    @Test
    @DisplayName("POL-02, POL-18, POL-19 one problem a line, all of them, and exit code 1")
    void printsOneProblemALine() throws IOException {
        String good = file("a.yaml", GOOD);
        String bad = file(
                "b.yaml",
                GOOD.replace("name: p", "name: q")
                        .replace("api.example.com", "a b")
                        .replace("spec:", "spec:\n  access: x"));
        assertThat(check(good, bad)).isEqualTo(ExitCode.NO);
        assertThat(out.toString().lines())
                .containsExactly(
                        bad
                                + ":5: EgressPolicy agents/q spec.access: found \"x\", expected one of None, Restricted, Unrestricted",
                        bad
                                + ":7: EgressPolicy agents/q spec.hosts[0].host: found \"a b\", expected labels of a-z, 0-9 and - with a letter or digit at both ends, which \"a b\" is not");
        assertThat(err.toString()).contains("policies in force: 1, errors: 2");
    }

    @Test
    void warningsAreErrorsOnlyWhenAskedFor() throws IOException {
        String warns = file("p.yaml", WARNS);
        assertThat(check(warns)).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .contains("p.yaml:7: EgressPolicy agents/p spec.hosts[0].credentials[0].value: warning: ")
                .doesNotContain("hunter2");
        assertThat(check("--strict", warns)).isEqualTo(ExitCode.NO);
    }

    @Test
    void jsonHasTheSame() throws IOException {
        assertThat(check("--output", "json", file("p.yaml", WARNS), file("q.yaml", "kind: [")))
                .isEqualTo(ExitCode.NO);
        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.path("ok").asBoolean(true)).isFalse();
        assertThat(json.path("policies").asInt()).isEqualTo(1);
        assertThat(json.path("problems").findValuesAsText("severity")).containsExactly("warning", "error");
        assertThat(json.path("problems").get(0).path("line").asInt()).isEqualTo(7);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aMissingFileIsOneLine() throws IOException {
        assertThat(check(file("p.yaml", GOOD), directory.resolve("no.yaml").toString()))
                .isEqualTo(ExitCode.NO);
        assertThat(out.toString()).isEqualTo(directory.resolve("no.yaml") + ":1: file: no such file or directory\n");
    }

    @Test
    void directoriesAreRead() throws IOException {
        file("d/p.yaml", GOOD);
        file(
                "d/q.json",
                "{\"kind\": \"EgressPolicies\", \"apiVersion\": \"sallyport.dev/v1alpha1\", \"metadata\": {\"name\": \"x\"}, \"spec\": {}}");
        file("d/notes.txt", "not: [yaml");
        assertThat(check(directory.resolve("d").toString())).isEqualTo(ExitCode.NO);
        assertThat(out.toString().lines())
                .hasSize(1)
                .first()
                .asString()
                .contains("q.json:1: EgressPolicy default/x kind: found \"EgressPolicies\"");
    }

    @Test
    void twoPoliciesOfOneWorkloadAreErrors() throws IOException {
        assertThat(check(file("a.yaml", GOOD), file("b.yaml", GOOD))).isEqualTo(ExitCode.NO);
        assertThat(out.toString().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("another policy at"));
    }

    @Test
    void manifestsBesideAPolicyAreChecked() throws IOException {
        String secret =
                "apiVersion: v1\nkind: Secret\nmetadata: {name: api, namespace: agents}\ndata: {token: hunter2!}\n";
        assertThat(check(file("p.yaml", GOOD + "---\n" + secret))).isEqualTo(ExitCode.NO);
        assertThat(out.toString()).contains("Secret agents/api").doesNotContain("hunter2");
    }

    @Test
    void otherKindsAreErrors() throws IOException {
        assertThat(check(file("p.yaml", GOOD + "---\nkind: Deployment\n"))).isEqualTo(ExitCode.NO);
        assertThat(out.toString()).contains("Deployment");
    }

    @Test
    void referencesAreLookedUpWhereThereIsAPlaceForThem() throws IOException {
        String policy = file("p.yaml", GOOD);
        Files.createDirectories(directory.resolve("secrets"));
        String secrets = directory.resolve("secrets").toString();
        assertThat(check(policy, "--secrets", secrets, "--config-maps", secrets))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .contains("p.yaml:6: EgressPolicy agents/p spec.hosts: warning: host api.example.com: "));
        out.getBuffer().setLength(0);
        file("secrets/api/token", "x");
        file("secrets/roots/ca.pem", "x");
        assertThat(check(policy, "--secrets", secrets, "--config-maps", secrets))
                .isEqualTo(ExitCode.OK);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void valuesThatCannotBeSentAreToldAndNotShown() throws IOException {
        String policy = file("p.yaml", GOOD.replaceAll("    trustedCa: .*\n", ""));
        String secrets = directory.resolve("secrets").toString();
        file("secrets/api/token", "hunter2\u0007");
        assertThat(check(policy, "--secrets", secrets)).isEqualTo(ExitCode.OK);
        assertThat(out.toString())
                .endsWith(
                        "p.yaml:6: EgressPolicy agents/p spec.hosts: warning: host api.example.com: credential x-api-key: key token of Secret api holds a control character\n")
                .doesNotContain("hunter2");
        out.getBuffer().setLength(0);
        file("secrets/api/token", "\n");
        check(policy, "--secrets", secrets);
        assertThat(out.toString()).endsWith("key token of Secret api is empty\n");
    }

    @Test
    void aSecretInBrokenYamlIsSaidToBeBrokenAndNotToBeMissing() throws IOException {
        String policy = file("p.yaml", GOOD.replaceAll("    trustedCa: .*\n", ""));
        String broken = file(
                "s.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: api, namespace: agents}\nstringData: {token: \"hunter2\n");
        Files.createDirectories(directory.resolve("secrets"));
        assertThat(check(
                        policy,
                        broken,
                        "--secrets",
                        directory.resolve("secrets").toString()))
                .isEqualTo(ExitCode.NO);
        assertThat(out.toString())
                .contains("s.yaml:5: Secret agents/api: not valid YAML")
                .contains("Secret agents/api does not exist, or is in " + broken + ":5, which cannot be read")
                .doesNotContain("hunter2");
    }

    @Test
    void aDashIsStandardInput() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(
                    GOOD.replace("api.example.com", "a b").getBytes(StandardCharsets.UTF_8)));
            assertThat(check("-")).isEqualTo(ExitCode.NO);
        } finally {
            System.setIn(before);
        }
        assertThat(out.toString()).startsWith("stdin:6: EgressPolicy agents/p spec.hosts[0].host: found \"a b\"");
    }

    @Test
    void filesWithoutAPolicyAreWarnedOf() throws IOException {
        String empty = file("p.yaml", "# nothing\n");
        assertThat(check(empty)).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("warning: no EgressPolicy found");
        assertThat(check("--strict", empty)).isEqualTo(ExitCode.NO);
    }

    @Test
    void bytesThatAreNoTextAreAnError() throws IOException {
        Path file = Files.write(directory.resolve("p.yaml"), new byte[] {'a', ':', (byte) 0xff, (byte) 0xfe});
        assertThat(check(file.toString())).isEqualTo(ExitCode.NO);
        assertThat(out.toString().lines()).hasSize(1);
        assertThat(out.toString().getBytes(StandardCharsets.UTF_8)).isNotEmpty();
    }

    @Test
    void noFileIsWrongUsage() {
        assertThat(check()).isEqualTo(ExitCode.USAGE);
        assertThat(check("--output", "xml", "f")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).doesNotContain("\tat ");
    }
}
