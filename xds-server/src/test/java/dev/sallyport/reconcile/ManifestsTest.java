package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.kubernetes.ApiReply;
import dev.sallyport.testing.kubernetes.Kubectl;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is shipped to apply: that the API server takes it, and that the admission policies refuse what they are for. */
class ManifestsTest {
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, labels: {app: a%s}}
            spec:
              nodeName: node-a
              initContainers:
              - {name: sallyport-net, image: "sallyport:1"}
              - {name: sallyport, image: "sallyport:1", restartPolicy: Always}
              containers:
              - {name: app, image: "app:1"}
            """;

    private static KubernetesCluster cluster;

    private String namespace = "";

    @BeforeAll
    static void start() {
        cluster = new SystemCluster(KubernetesOptions.DEFAULT).cluster();
        String beforehand = cluster.namespace(ManifestsTest.class);
        cluster.apply(SystemCluster.MANIFESTS.resolve("admission/workload-pods.yaml"));
        create(beforehand, "p", ", sallyport.dev/policy: p");
        // A policy takes effect a moment after it is there.
        eventually(() -> assertThat(kubectl(
                                beforehand,
                                "label",
                                "pod/p",
                                "sallyport.dev/policy=q" + System.nanoTime(),
                                "--overwrite")
                        .exitCode())
                .isNotZero());
        eventually(() ->
                assertThat(tokenFor(cluster.client(), beforehand, "sallyport")).isEqualTo(403));
        eventually(() ->
                assertThat(exec(beforehand, "p", "exec", "sallyport").status()).isEqualTo(403));
        kubectl(beforehand, "label", "namespace", beforehand, "sallyport.dev/require=true");
        eventually(() -> assertThat(kubectl(beforehand, "run", "x", "--image=a", "--dry-run=server")
                        .exitCode())
                .isNotZero());
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void namespace() {
        namespace = cluster.namespace(getClass());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "system/namespace.yaml",
                "system/rbac.yaml",
                "system/xds-server.yaml",
                "optional/secrets-of-all-namespaces.yaml",
                "optional/secrets-of-one-namespace.yaml",
                "admission/workload-pods.yaml",
                "admission/egresspolicy-fields.yaml"
            })
    void everyManifestIsTakenWithoutAWarning(String file) {
        cluster.kubectl("create", "namespace", "agents");
        assertThat(cluster.apply(SystemCluster.MANIFESTS.resolve(file)))
                .contains("serverside-applied")
                .doesNotContainIgnoringCase("warning");
    }

    @Test
    void expressionsOfAdmissionPoliciesAreWellTyped() {
        assertThat(cluster.kubectl(
                                "get",
                                "validatingadmissionpolicies",
                                "-o",
                                "jsonpath={range .items[*]}{.status.typeChecking.expressionWarnings}{end}")
                        .output())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sallyport.dev/policy=q", "sallyport.dev/policy-", "sallyport.dev/policy="})
    @DisplayName("K8S-14 the policy label of a live Pod is not changed or removed, by no way")
    void theLabelIsFixed(String label) {
        create(namespace, "p", ", sallyport.dev/policy: p");
        assertThat(kubectl(namespace, "label", "pod/p", "--overwrite", label).output())
                .contains("the label sallyport.dev/policy is fixed when a Pod is created: it was \"p\"");
        String value = label.endsWith("-") ? "null" : "\"" + label.substring(label.indexOf('=') + 1) + "\"";
        String patch = "{\"metadata\":{\"labels\":{\"sallyport.dev/policy\":" + value + "}}}";
        for (String subresource : List.of("status", "resize", "ephemeralcontainers")) {
            Kubectl.Outcome outcome = kubectl(
                    namespace, "patch", "pod/p", "--type=merge", "--subresource=" + subresource, "--patch=" + patch);
            assertThat(labelOf("p")).as(subresource + ": " + outcome.output()).isEqualTo("p");
        }
        assertThat(kubectl(namespace, "label", "pod/p", "app=b", "--overwrite").exitCode())
                .isZero();
    }

    @Test
    @DisplayName("K8S-14 nor added")
    void theLabelIsNotAdded() {
        create(namespace, "p", "");
        assertThat(kubectl(namespace, "label", "pod/p", "sallyport.dev/policy=q")
                        .output())
                .contains("it was \"\", found \"q\"");
        assertThat(kubectl(namespace, "label", "pod/p", "app=b", "--overwrite").exitCode())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", sallyport.dev/policy: p"})
    @DisplayName("K8S-14 nor changed or added as a Pod is bound to its node")
    void theLabelIsNotChangedByABinding(String label) {
        create(namespace, "p", label, "");
        String was = labelOf("p");
        bind("{\"name\":\"p\",\"labels\":{\"sallyport.dev/policy\":\"q\"}}");
        assertThat(labelOf("p")).isEqualTo(was);
        bind("bindings", "{\"name\":\"p\",\"labels\":{\"sallyport.dev/policy\":\"q\"}}");
        assertThat(labelOf("p")).isEqualTo(was);
        assertThat(bind("{\"name\":\"p\",\"labels\":{\"topology.kubernetes.io/zone\":\"z\"}}")
                        .status())
                .isEqualTo(201);
    }

    private ApiReply bind(String metadata) {
        return bind("pods/p/binding", metadata);
    }

    private ApiReply bind(String resource, String metadata) {
        return cluster.send(
                "POST",
                "/api/v1/namespaces/" + namespace + "/" + resource,
                "application/json",
                "{\"apiVersion\":\"v1\",\"kind\":\"Binding\",\"metadata\":" + metadata
                        + ",\"target\":{\"kind\":\"Node\",\"name\":\"node-a\"}}");
    }

    @Test
    @DisplayName("K8S-16 a Pod with a policy gets no ephemeral container; one without does")
    void noEphemeralContainers() {
        create(namespace, "p", ", sallyport.dev/policy: p");
        create(namespace, "free", "");
        String patch = "--patch={\"spec\":{\"ephemeralContainers\":[{\"name\":\"e\",\"image\":\"a\"}]}}";
        assertThat(kubectl(namespace, "patch", "pod/p", "--subresource=ephemeralcontainers", patch)
                        .output())
                .contains("spec.ephemeralContainers: a Pod with the label");
        assertThat(kubectl(namespace, "patch", "pod/free", "--subresource=ephemeralcontainers", patch)
                        .exitCode())
                .isZero();
    }

    @Test
    @DisplayName("K8S-16 the images of the sidecar are fixed, the app's are not")
    void imagesOfTheSidecarAreFixed() {
        create(namespace, "p", ", sallyport.dev/policy: p");
        for (String name : List.of("sallyport", "sallyport-net")) {
            assertThat(kubectl(
                                    namespace,
                                    "patch",
                                    "pod/p",
                                    "--patch={\"spec\":{\"initContainers\":[{\"name\":\"" + name
                                            + "\",\"image\":\"other:1\"}]}}")
                            .output())
                    .contains("the images of sallyport and sallyport-net are fixed");
        }
        assertThat(kubectl(
                                namespace,
                                "patch",
                                "pod/p",
                                "--patch={\"spec\":{\"containers\":[{\"name\":\"app\",\"image\":\"app:2\"}]}}")
                        .exitCode())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"exec", "attach"})
    @DisplayName("K8S-16 nobody gets into the sidecar; the app's container is open to its people")
    void nobodyGetsIntoTheSidecar(String way) {
        create(namespace, "p", ", sallyport.dev/policy: p");
        for (String container : List.of("sallyport", "sallyport-net")) {
            ApiReply refused = exec(namespace, "p", way, container);
            assertThat(refused.status()).as(refused.body()).isEqualTo(403);
            assertThat(refused.body()).contains("nobody gets into a sidecar");
        }
        // Let through, it fails later: there is no node.
        assertThat(exec(namespace, "p", way, "app"))
                .satisfies(reply -> assertThat(reply.status()).as(reply.body()).isNotEqualTo(403));
    }

    @Test
    @DisplayName("K8S-16 tokens for sidecars are given to the Pod's node, and to nobody else")
    void tokensForSidecarsAreForNodes() {
        create(namespace, "p", ", sallyport.dev/policy: p");
        assertThat(tokenFor(cluster.client(), namespace, "sallyport")).isEqualTo(403);
        assertThat(tokenFor(cluster.client(), namespace, "other")).isEqualTo(201);
        KubernetesClient node = cluster.client(cluster.user("system:node:node-a", "system:nodes"));
        eventually(() -> assertThat(tokenFor(node, namespace, "sallyport")).isEqualTo(201));
    }

    @Test
    @DisplayName("K8S-17 a namespace that requires the label refuses Pods without it")
    void requiresTheLabel() {
        kubectl(namespace, "label", "namespace", namespace, "sallyport.dev/require=true");
        assertThat(tryToCreate(namespace, "p", "", "  nodeName: node-a\n").output())
                .contains("this namespace requires the label sallyport.dev/policy");
        assertThat(tryToCreate(namespace, "p", ", sallyport.dev/policy: \"\"", "")
                        .exitCode())
                .isNotZero();
        assertThat(tryToCreate(namespace, "p", ", sallyport.dev/policy: p", "").exitCode())
                .isZero();
    }

    /** Status of the answer; 201: it was given. */
    private static int tokenFor(KubernetesClient client, String namespace, String audience) {
        String uid = cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("p")
                .get()
                .getMetadata()
                .getUid();
        try {
            client.serviceAccounts()
                    .inNamespace(namespace)
                    .withName("default")
                    .tokenRequest(new TokenRequestBuilder()
                            .withNewSpec()
                            .withAudiences(audience)
                            .withExpirationSeconds(3_600L)
                            .withNewBoundObjectRef("v1", "Pod", "p", uid)
                            .endSpec()
                            .build());
            return 201;
        } catch (KubernetesClientException e) {
            return e.getCode();
        }
    }

    private static ApiReply exec(String namespace, String pod, String way, String container) {
        String command = way.equals("exec") ? "&command=id" : "";
        return cluster.send(
                "POST",
                "/api/v1/namespaces/" + namespace + "/pods/" + pod + "/" + way + "?container=" + container
                        + "&stdout=true" + command,
                "application/json",
                "");
    }

    private String labelOf(String pod) {
        return kubectl(namespace, "get", "pod/" + pod, "-o", "jsonpath={.metadata.labels.sallyport\\.dev/policy}")
                .output();
    }

    private static void create(String namespace, String name, String label) {
        create(namespace, name, label, "  nodeName: node-a\n");
    }

    private static void create(String namespace, String name, String label, String node) {
        Kubectl.Outcome outcome = tryToCreate(namespace, name, label, node);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }

    private static Kubectl.Outcome tryToCreate(String namespace, String name, String label, String node) {
        return cluster.kubectlWithInput(
                POD.formatted(name, label).replace("  nodeName: node-a\n", node),
                "--namespace=" + namespace,
                "create",
                "-f",
                "-");
    }

    private static Kubectl.Outcome kubectl(String namespace, String... arguments) {
        String[] here = new String[arguments.length + 1];
        here[0] = "--namespace=" + namespace;
        System.arraycopy(arguments, 0, here, 1, arguments.length);
        return cluster.kubectl(here);
    }
}
