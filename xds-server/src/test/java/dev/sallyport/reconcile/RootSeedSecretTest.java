package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.pki.RootSeed;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RootSeedSecretTest {
    private static SystemCluster system;

    @BeforeAll
    static void start() {
        system = new SystemCluster(KubernetesOptions.DEFAULT);
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @AfterEach
    void delete() {
        system.cluster()
                .client()
                .secrets()
                .inNamespace(SystemCluster.NAMESPACE)
                .withName(RootSeedSecret.NAME)
                .delete();
    }

    @Test
    @DisplayName("K8S-13 replicas that start together end with the same seed")
    void replicasAgree() throws IOException {
        for (int i = 0; i < 5; i++) {
            delete();
            List<String> seeds = IntStream.range(0, 4)
                    .parallel()
                    .mapToObj(replica -> print(load()))
                    .toList();
            assertThat(seeds).hasSize(4).containsOnly(print(load()));
        }
        Secret secret = secret();
        assertThat(secret.getImmutable()).isTrue();
        byte[] seed = Base64.getDecoder().decode(secret.getData().get("seed"));
        assertThat(seed).hasSize(RootSeed.LENGTH);
        assertThat(print(RootSeed.of(seed))).isEqualTo(print(load()));
        assertThat(secret().getMetadata().getResourceVersion())
                .isEqualTo(secret.getMetadata().getResourceVersion());
    }

    @ParameterizedTest
    @CsvSource({
        "{}, it has no key seed",
        "{\"sead\": \"aHVudGVyMg==\"}, it has no key seed",
        "{\"seed\": \"\"}, seed has 0 bytes",
        "{\"seed\": \"aHVudGVyMg==\"}, seed has 7 bytes"
    })
    void aMalformedOneIsRefusedAndLeftAsItIs(String data, String problem) {
        String json = "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"" + RootSeedSecret.NAME
                + "\"},\"data\":" + data + "}";
        assertThat(system.cluster()
                        .kubectlWithInput(json, "create", "-n", SystemCluster.NAMESPACE, "-f", "-")
                        .output())
                .contains("created");
        String version = secret().getMetadata().getResourceVersion();
        assertThatThrownBy(RootSeedSecretTest::read)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Secret sallyport-system/sallyport-root-seed: " + problem
                        + " (expected: seed with 32 random bytes)")
                .hasMessageContaining("kubectl -n sallyport-system delete secret sallyport-root-seed")
                .hasMessageNotContaining("hunter2")
                .hasMessageNotContaining("aHVudGVyMg");
        assertThat(secret().getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void withoutTheRightToReadItThatIsSaid() {
        try (ApiServer nobody = ApiServer.of(system.cluster().serviceAccount(SystemCluster.NAMESPACE, "nobody"))) {
            assertThatThrownBy(() -> new RootSeedSecret(nobody, SystemCluster.NAMESPACE).loadOrCreate())
                    .hasMessageStartingWith(
                            "root seed: cannot get secrets in namespace sallyport-system (sallyport-root-seed): not allowed (apply manifests/system/rbac.yaml");
        }
    }

    @Test
    @DisplayName("SEC-12 an API server that quotes the seed as it refuses it is not quoted")
    void aRefusalThatQuotesTheSeedIsNotRepeated() {
        String name = "quoting.test";
        String refusing = """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: quoting.test}
                spec:
                  matchConstraints:
                    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [secrets]}]
                  validations:
                  - {expression: "false", messageExpression: "'not this one: ' + string(object.data.seed)"}
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: quoting.test}
                spec: {policyName: quoting.test, validationActions: [Deny]}
                """;
        try {
            system.cluster().kubectlWithInput(refusing, "apply", "-f", "-");
            // The control: it does quote what it refuses.
            eventually(() ->
                    assertThat(create("any", "--from-literal=seed=hunter2")).contains("not this one: "));
            assertThatThrownBy(RootSeedSecretTest::read)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(
                            "cannot create secrets in namespace sallyport-system (sallyport-root-seed): 422")
                    .hasMessageNotContaining("not this one");
        } finally {
            system.cluster().kubectl("delete", "validatingadmissionpolicybinding,validatingadmissionpolicy", name);
            eventually(
                    () -> assertThat(create("other", "--from-literal=seed=x")).contains("created"));
        }
    }

    private static String create(String name, String literal) {
        system.cluster().kubectl("delete", "secret", name, "-n", SystemCluster.NAMESPACE, "--ignore-not-found");
        return system.cluster()
                .kubectl("create", "secret", "generic", name, literal, "-n", SystemCluster.NAMESPACE)
                .output();
    }

    private static RootSeed read() throws IOException {
        return new RootSeedSecret(system.server(), SystemCluster.NAMESPACE).loadOrCreate();
    }

    private static RootSeed load() {
        try {
            return read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What tells one seed from another. */
    private static String print(RootSeed seed) {
        return HexFormat.of().formatHex(seed.derive("test", 16));
    }

    private static Secret secret() {
        return system.cluster()
                .client()
                .secrets()
                .inNamespace(SystemCluster.NAMESPACE)
                .withName(RootSeedSecret.NAME)
                .get();
    }
}
