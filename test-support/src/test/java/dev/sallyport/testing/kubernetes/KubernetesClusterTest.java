package dev.sallyport.testing.kubernetes;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesClusterTest {
    private static final PolicyRule READ_CONFIG_MAPS = new PolicyRuleBuilder()
            .withApiGroups("")
            .withResources("configmaps")
            .withVerbs("get", "list", "watch")
            .build();

    private static KubernetesCluster cluster;

    @BeforeAll
    static void start() {
        cluster = KubernetesCluster.start(
                KubernetesOptions.DEFAULT.withControllers().withAudit().withSigningKey(SigningKey.EC));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void usersMayDoWhatTheyWereGrantedAndNothingElse() {
        String here = cluster.namespace(getClass());
        String elsewhere = cluster.namespace(getClass());
        KubernetesClient alice = cluster.client(cluster.user("alice"));
        assertThatThrownBy(() -> alice.configMaps().inNamespace(here).list()).satisfies(this::isForbidden);
        cluster.grantIn(here, "alice", READ_CONFIG_MAPS);
        eventually(() -> assertThat(isListable(alice, here)).isTrue());
        assertThat(isListable(alice, elsewhere)).isFalse();
        assertThatThrownBy(() -> create(alice, configMap(here, "a"))).satisfies(this::isForbidden);
        cluster.grant("alice", READ_CONFIG_MAPS);
        eventually(() -> assertThat(isListable(alice, elsewhere)).isTrue());
    }

    @Test
    void serviceAccountTokensAreRealAndOutliveANewKey() {
        String namespace = cluster.namespace(getClass());
        String old = cluster.serviceAccount(namespace, "worker").getOauthToken();
        assertThat(algorithm(old)).contains("ES256");
        assertThat(review(old).getStatus().getUser().getUsername())
                .isEqualTo("system:serviceaccount:" + namespace + ":worker");
        cluster.newTokenKey(SigningKey.RSA);
        cluster.apiServer().restart();
        String fresh = cluster.serviceAccount(namespace, "worker").getOauthToken();
        assertThat(algorithm(fresh)).contains("RS256");
        assertThat(review(fresh).getStatus().getAuthenticated()).isTrue();
        assertThat(review(old).getStatus().getAuthenticated()).isTrue();
        String forged = fresh.substring(0, fresh.length() - 20) + "A".repeat(20);
        assertThat(review(forged).getStatus().getAuthenticated()).isNotEqualTo(true);
    }

    @Test
    void podsAreAdmittedAsInACluster() {
        String namespace = cluster.namespace(getClass());
        Pod pod = cluster.client()
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("p")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("app")
                        .withImage("app")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("default");
        assertThat(pod.getSpec().getVolumes()).hasSize(1);
        assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
    }

    @Test
    void controllersCollectWhatHasNoOwner() {
        String namespace = cluster.namespace(getClass());
        ConfigMap owner = create(cluster.client(), configMap(namespace, "owner"));
        create(
                cluster.client(),
                configMap(namespace, "owned")
                        .edit()
                        .editMetadata()
                        .addNewOwnerReference()
                        .withApiVersion("v1")
                        .withKind("ConfigMap")
                        .withName("owner")
                        .withUid(owner.getMetadata().getUid())
                        .endOwnerReference()
                        .endMetadata()
                        .build());
        cluster.client().resource(owner).delete();
        eventually(() -> assertThat(cluster.client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("owned")
                        .get())
                .isNull());
    }

    @Test
    void dataSurvivesCrashesAndCompaction() {
        String namespace = cluster.namespace(getClass());
        create(cluster.client(), configMap(namespace, "kept"));
        String url = cluster.url();
        cluster.apiServer().kill();
        cluster.etcd().kill();
        assertThat(cluster.apiServer().isRunning()).isFalse();
        cluster.etcd().start();
        cluster.apiServer().start();
        cluster.compactEtcd();
        assertThat(cluster.url()).isEqualTo(url);
        assertThat(cluster.client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("kept")
                        .get())
                .isNotNull();
    }

    @Test
    void aFrozenApiServerAnswersWhenItIsThawed() {
        cluster.apiServer().pause();
        KubernetesClient impatient = cluster.client(new ConfigBuilder(cluster.user("impatient", "system:masters"))
                .withRequestTimeout(500)
                .withRequestRetryBackoffLimit(0)
                .build());
        assertThatThrownBy(() -> impatient.namespaces().list()).isInstanceOf(KubernetesClientException.class);
        cluster.apiServer().resume();
        eventually(() -> assertThat(isListable(cluster.client(), "default")).isTrue());
    }

    @Test
    void kubectlAndTheAuditLogWork() throws Exception {
        String namespace = cluster.namespace(getClass());
        assertThat(cluster.kubectl("version").output()).contains("Server Version: v1.36.3");
        assertThat(cluster.kubectl("get", "namespace", namespace, "-o", "name"))
                .isEqualTo(new Kubectl.Outcome(0, "namespace/" + namespace + "\n"));
        assertThat(cluster.kubectl("get", "nothing").exitCode()).isNotZero();
        assertThat(Files.readString(cluster.auditLog().orElseThrow())).contains("\"name\":\"" + namespace + "\"");
    }

    @Test
    void manifestsAreServedWhenTheyWereApplied(@TempDir Path directory) throws Exception {
        Path manifest = Files.writeString(directory.resolve("crd.yaml"), """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: lamps.example.test}
                spec:
                  group: example.test
                  scope: Cluster
                  names: {kind: Lamp, plural: lamps, singular: lamp}
                  versions:
                  - name: v1
                    served: true
                    storage: true
                    schema: {openAPIV3Schema: {type: object}}
                """);
        assertThat(cluster.apply(manifest)).contains("lamps.example.test serverside-applied");
        assertThat(cluster.send("GET", "/apis/example.test/v1/lamps", "application/json", "")
                        .status())
                .isEqualTo(200);
        assertThatThrownBy(() -> cluster.apply(directory.resolve("none.yaml"))).hasMessageContaining("none.yaml");
    }

    private void isForbidden(Throwable refusal) {
        assertThat(((KubernetesClientException) refusal).getCode()).isEqualTo(403);
    }

    private static boolean isListable(KubernetesClient client, String namespace) {
        try {
            return client.configMaps().inNamespace(namespace).list().getItems() != null;
        } catch (KubernetesClientException refused) {
            return false;
        }
    }

    private static TokenReview review(String token) {
        return cluster.client()
                .authentication()
                .v1()
                .tokenReviews()
                .create(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token)
                        .endSpec()
                        .build());
    }

    private static String algorithm(String token) {
        return new String(
                Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.'))), StandardCharsets.UTF_8);
    }

    private static ConfigMap configMap(String namespace, String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .build();
    }

    private static ConfigMap create(KubernetesClient client, ConfigMap map) {
        return Objects.requireNonNull(client.resource(map).create());
    }
}
