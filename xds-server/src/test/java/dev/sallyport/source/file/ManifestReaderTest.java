package dev.sallyport.source.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialLookup.Found;
import dev.sallyport.credential.CredentialLookup.Missing;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.credential.StoredSecret;
import dev.sallyport.credential.StoredSecrets;
import dev.sallyport.policy.ConfigMapKey;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.SecretKey;
import dev.sallyport.source.StoredConfigMaps;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {
    private static final String SECRET = """
            apiVersion: v1
            kind: Secret
            metadata: {name: api, namespace: agents, labels: {a: b}}
            type: Opaque
            immutable: true
            """;

    private MergedManifests merged = new MergedManifests(List.of());

    @Test
    void readsDataAndStringDataAsKubectlTakesThem() {
        read(SECRET + """
                data:
                  token: c2stMQ==
                  folded: |
                    c2st
                    MQ==
                  both: YQ==
                stringData: {plain: sk-2, both: b}
                """);
        assertThat(find("agents", "api", "token")).isEqualTo(found("sk-1"));
        assertThat(find("agents", "api", "folded")).isEqualTo(found("sk-1"));
        assertThat(find("agents", "api", "plain")).isEqualTo(found("sk-2"));
        assertThat(find("agents", "api", "both")).isEqualTo(found("b"));
        assertThat(find("default", "api", "token")).isEqualTo(new Missing("Secret default/api does not exist"));
        assertThat(merged.problems()).isEmpty();
    }

    @Test
    @DisplayName("K8S-18 a Secret of a manifest goes to the hosts of its annotation only")
    void keepsToTheHostsOfTheAnnotation() {
        read("""
                apiVersion: v1
                kind: Secret
                metadata: {name: api, annotations: {sallyport.dev/hosts: "a.example.com", note: x}}
                stringData: {token: sk-1}
                """);
        assertThat(merged.problems()).isEmpty();
        StoredSecrets secrets = StoredSecrets.of(merged.secrets(), Map.of());
        assertThat(secrets.find("default", new SecretKey("api", "token"), "a.example.com"))
                .isEqualTo(found("sk-1"));
        assertThat(secrets.find("default", new SecretKey("api", "token"), "b.example.com"))
                .isInstanceOf(Missing.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{sallyport.dev/hosts: '*.example.com'}",
                "{sallyport.dev/hosts: 1}",
                "[a]",
                "{sallyport.dev/hosts: [a.example.com]}"
            })
    void aMalformedAnnotationIsAnErrorAndTheSecretIsNotUsed(String annotations) {
        read("apiVersion: v1\nkind: Secret\nmetadata:\n  name: api\n  annotations: " + annotations
                + "\nstringData: {token: sk-1}\n");
        assertThat(merged.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.path()).startsWith("metadata.annotations"));
        assertThat(find("default", "api", "token")).isInstanceOf(Missing.class);
    }

    @Test
    void takesTheNamespaceDefault() {
        read("{apiVersion: v1, kind: Secret, metadata: {name: api}, stringData: {token: sk-1}}");
        assertThat(find("default", "api", "token")).isEqualTo(found("sk-1"));
    }

    @Test
    void readsTheItemsOfLists() {
        read("""
                apiVersion: v1
                kind: List
                items:
                - {apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {token: sk-1}}
                - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {ca.pem: text}}
                """);
        assertThat(find("default", "a", "token")).isEqualTo(found("sk-1"));
        assertThat(configMap("default", "b", "ca.pem")).contains("text");
    }

    @Test
    void readsConfigMaps() {
        read("""
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: roots, namespace: agents}
                data: {ca.pem: text}
                binaryData: {other.pem: dGV4dA==}
                """);
        assertThat(configMap("agents", "roots", "ca.pem")).contains("text");
        assertThat(configMap("agents", "roots", "other.pem")).contains("text");
        assertThat(configMap("agents", "roots", "none")).isEmpty();
        assertThat(configMap("default", "roots", "ca.pem")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {token: sk-secret}",
                "data: {token: c2stMQ}",
                "data: {token: 1234}",
                "data: [sk-secret]",
                "data: sk-secret",
                "stringData: {token: 1234}",
                "stringData: {token: [sk-secret]}",
                "stringData: {\"bad key\": sk-secret}",
                "stringData: {..data: sk-secret}",
                "strngData: {token: sk-secret}",
                "type: [Opaque]",
                "immutable: sure"
            })
    void refusesASecretWithAnErrorAsAWhole(String line) {
        String fields = SECRET.lines()
                .filter(kept -> !kept.startsWith(line.substring(0, line.indexOf(':') + 1)))
                .reduce("", (a, b) -> a + b + "\n");
        read(fields + (line.startsWith("stringData") ? "" : "stringData: {good: value}\n") + line);
        assertThat(merged.problems()).hasSize(1);
        assertThat(merged.problems().get(0).object()).isEqualTo("Secret agents/api");
        assertThat(find("agents", "api", "good")).isInstanceOf(Missing.class);
        assertThat(merged.problems().toString()).doesNotContain("sk-secret", "1234", "c2stMQ");
    }

    @Test
    void acceptsTheSameSecretWithoutTheError() {
        read(SECRET + "stringData: {good: value}");
        assertThat(find("agents", "api", "good")).isEqualTo(found("value"));
    }

    @Test
    void refusesUnknownKindsAndSaysWhatIsExpected() {
        read("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}");
        assertThat(merged.problems())
                .singleElement()
                .hasToString(
                        "m0.yaml:1: Deployment default/web kind: \"Deployment\" of apiVersion \"apps/v1\" is not read"
                                + " (expected: EgressPolicy of sallyport.dev/v1alpha1, Secret or ConfigMap of v1)");
    }

    @Test
    void refusesNamesThatKubernetesWouldRefuse() {
        read(
                "{apiVersion: v1, kind: Secret, metadata: {name: Bad_Name}, stringData: {token: x}}",
                "{apiVersion: v1, kind: Secret, stringData: {token: x}}",
                "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: a.b}, stringData: {token: x}}");
        assertThat(merged.problems())
                .hasSize(3)
                .allMatch(problem -> problem.path().startsWith("metadata."));
    }

    @Test
    void refusesBothOfTwoSecretsWithOneName() {
        String secret = "{apiVersion: v1, kind: Secret, metadata: {name: api}, stringData: {token: sk-%d}}";
        read(secret.formatted(1), "\n" + secret.formatted(2));
        assertThat(find("default", "api", "token"))
                .isEqualTo(new Missing(
                        "Secret default/api cannot be used: it is defined twice, in m0.yaml:1 and m1.yaml:2"));
        assertThat(merged.problems())
                .singleElement()
                .hasToString("m1.yaml:2: Secret default/api: defined already in m0.yaml:1; neither is used");
    }

    @Test
    void refusesBothOfTwoConfigMapsWithOneName() {
        String map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: roots}, data: {ca.pem: text}}";
        read(map, map);
        assertThat(configMap("default", "roots", "ca.pem")).isEmpty();
    }

    @Test
    void refusesAKeyThatADirectoryHasAsWell() {
        read("{apiVersion: v1, kind: Secret, metadata: {name: api}, stringData: {token: sk-1, user: one}}");
        StoredSecret directory = StoredSecret.of(new TreeMap<>(Map.of("token", found("sk-2"))));
        StoredSecrets both = StoredSecrets.of(merged.secrets(), Map.of("api", directory));
        assertThat(both.find("default", new SecretKey("api", "user"), "api.example.com"))
                .isEqualTo(found("one"));
        assertThat(both.find("other", new SecretKey("api", "token"), "api.example.com"))
                .isEqualTo(found("sk-2"));
        assertThat(both.find("default", new SecretKey("api", "token"), "api.example.com"))
                .isInstanceOfSatisfying(
                        Missing.class, missing -> assertThat(missing.reason()).contains("twice"));
    }

    @Test
    void refusesASecretOfMoreThanAMebibyte() {
        read(SECRET + "stringData: {a: " + "x".repeat(1 << 19) + ", b: " + "x".repeat(1 << 19) + ", c: x}");
        assertThat(merged.problems())
                .singleElement()
                .extracting(PolicyProblem::message)
                .asString()
                .contains("1 MiB");
    }

    private void read(String... files) {
        Manifests[] read = new Manifests[files.length];
        for (int i = 0; i < files.length; i++) {
            read[i] = ManifestReader.read(
                    PolicyParser.parse("m" + i + ".yaml", files[i]).others());
        }
        merged = new MergedManifests(Arrays.asList(read));
    }

    private CredentialLookup find(String namespace, String name, String key) {
        return StoredSecrets.of(merged.secrets(), Map.of())
                .find(namespace, new SecretKey(name, key), "api.example.com");
    }

    private Optional<String> configMap(String namespace, String name, String key) {
        return StoredConfigMaps.of(merged.configMaps(), Map.of()).find(namespace, new ConfigMapKey(name, key));
    }

    private static Found found(String value) {
        return new Found(CredentialValue.ofText(value));
    }
}
