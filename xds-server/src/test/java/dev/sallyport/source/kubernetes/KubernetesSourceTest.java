package dev.sallyport.source.kubernetes;

import static dev.sallyport.source.kubernetes.Sources.delete;
import static dev.sallyport.source.kubernetes.Sources.object;
import static dev.sallyport.source.kubernetes.Sources.policy;
import static dev.sallyport.source.kubernetes.Sources.secret;
import static dev.sallyport.source.kubernetes.Sources.spec;
import static dev.sallyport.source.kubernetes.Sources.value;
import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.PolicyVersion;
import dev.sallyport.policy.SecretKey;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** With the rights that the product is installed with. */
class KubernetesSourceTest {
    private static KubernetesCluster cluster;

    private final Sources sources = newSources();
    private String namespace = "";

    private static Sources newSources() {
        return Sources.on(cluster);
    }

    @BeforeAll
    static void start() {
        cluster = KubernetesCluster.start(KubernetesOptions.DEFAULT);
        Sources.install(cluster);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = cluster.namespace(getClass());
        Sources.letReadSecrets(cluster, namespace);
    }

    @AfterEach
    void close() {
        sources.close();
        cluster.send(
                "DELETE",
                "/apis/sallyport.dev/v1alpha1/namespaces/" + namespace + "/egresspolicies",
                "application/json",
                "");
    }

    @Test
    void theFirstStateIsComplete() {
        policy(cluster, namespace, "p", spec("keys"));
        secret(cluster, namespace, "keys", "one");
        object(cluster, namespace, "configmaps", "cas", "\"data\": {\"ca\": \"pem\"}");
        sources.started();
        eventually(() -> assertThat(sources.states).isNotEmpty());
        assertThat(sources.states.get(0).documents().documents()).hasSize(1);
        assertThat(sources.states.get(0)).isSameAs(sources.state());
        assertThat(sources.document(namespace, "p").flatMap(document -> document.policy()))
                .isPresent();
        assertThat(sources.credential(namespace, "keys")).isEqualTo(value("one"));
        assertThat(sources.ca(namespace)).contains("pem");
        assertThat(sources.state().problems()).isEmpty();
    }

    @Test
    void policiesSecretsAndConfigMapsComeAndGo() {
        sources.started();
        eventually(() -> assertThat(sources.states).isNotEmpty());
        policy(cluster, namespace, "p", spec("keys"));
        eventually(() -> assertThat(sources.document(namespace, "p")).isPresent());
        assertThat(sources.missing(namespace, "keys")).contains("does not exist");
        secret(cluster, namespace, "keys", "one");
        eventually(() -> assertThat(sources.credential(namespace, "keys")).isEqualTo(value("one")));
        secret(cluster, namespace, "keys", "two");
        eventually(() -> assertThat(sources.credential(namespace, "keys")).isEqualTo(value("two")));
        object(cluster, namespace, "configmaps", "cas", "\"binaryData\": {\"ca\": \"cGVt\"}");
        eventually(() -> assertThat(sources.ca(namespace)).contains("pem"));
        delete(cluster, "/api/v1/namespaces/" + namespace + "/secrets/keys");
        eventually(() -> assertThat(sources.missing(namespace, "keys")).contains("does not exist"));
        delete(cluster, "/apis/sallyport.dev/v1alpha1/namespaces/" + namespace + "/egresspolicies/p");
        eventually(() -> assertThat(sources.document(namespace, "p")).isEmpty());
        assertThat(sources.ca(namespace)).isEmpty();
        assertThat(sources.health.ages())
                .containsOnlyKeys(new SourceHealth.Watched("egresspolicies", ""), new SourceHealth.Watched("pods", ""));
    }

    @Test
    @DisplayName("K8S-18 a Secret goes to the hosts of its annotation only, from the moment it has it")
    void aSecretKeepsToTheHostsOfItsAnnotation() {
        policy(cluster, namespace, "p", spec("keys"));
        secret(cluster, namespace, "keys", "one");
        sources.started();
        eventually(() -> assertThat(sources.states).isNotEmpty());
        assertThat(sources.credential(namespace, "keys")).isEqualTo(value("one"));
        annotate("b.example.com");
        eventually(() -> assertThat(sources.missing(namespace, "keys"))
                .isEqualTo("Secret " + namespace + "/keys must not go to api.example.com: its annotation"
                        + " sallyport.dev/hosts allows only b.example.com"));
        annotate("b.example.com, api.example.com");
        eventually(() -> assertThat(sources.credential(namespace, "keys")).isEqualTo(value("one")));
        annotate("*.example.com");
        eventually(() -> assertThat(sources.missing(namespace, "keys")).contains("malformed", "*.example.com"));
    }

    private void annotate(String hosts) {
        patch(
                "/api/v1/namespaces/" + namespace + "/secrets/keys",
                "{\"metadata\": {\"annotations\": {\"sallyport.dev/hosts\": \"" + hosts + "\"}}}");
    }

    @Test
    @DisplayName("K8S-05 a policy that is being deleted is not in force any more, however long a finalizer keeps it")
    void aPolicyThatIsBeingDeletedIsNotInForce() {
        String path = "/apis/sallyport.dev/v1alpha1/namespaces/" + namespace + "/egresspolicies/p";
        policy(cluster, namespace, "p", spec("keys"));
        patch(path, "{\"metadata\": {\"finalizers\": [\"example.com/keeps-it\"]}}");
        sources.started();
        eventually(() -> assertThat(sources.document(namespace, "p")).isPresent());
        delete(cluster, path);
        eventually(() -> assertThat(sources.document(namespace, "p")).isEmpty());
        assertThat(cluster.send("GET", path, "application/json", "").status()).isEqualTo(200);
        patch(path, "{\"metadata\": {\"finalizers\": []}}");
    }

    @Test
    @DisplayName("K8S-09 a document says of which generation of which object it is")
    void aDocumentSaysOfWhichStateOfItsObjectItIs() {
        policy(cluster, namespace, "p", spec("keys"));
        sources.started();
        eventually(() -> assertThat(version().map(PolicyVersion::generation)).contains(1L));
        String uid = version().orElseThrow().uid();
        assertThat(uid).hasSize(36);
        policy(cluster, namespace, "p", spec("others"));
        eventually(() -> assertThat(version()).contains(new PolicyVersion(uid, 2)));
    }

    private Optional<PolicyVersion> version() {
        return sources.states.isEmpty()
                ? Optional.empty()
                : sources.document(namespace, "p").flatMap(PolicyDocument::version);
    }

    private static void patch(String path, String patch) {
        assertThat(cluster.send("PATCH", path, "application/merge-patch+json", patch)
                        .status())
                .isEqualTo(200);
    }

    @Test
    @DisplayName("POL-21 an unknown field that was stored reaches the parser, and is reported")
    void aBadPolicyIsReported() {
        policy(cluster, namespace, "p", "{\"hosts\": [{\"host\": \"a.example.com\", \"acton\": \"Deny\"}]}");
        sources.started();
        eventually(() -> assertThat(sources.document(namespace, "p")).isPresent());
        assertThat(sources.document(namespace, "p").orElseThrow().policy()).isEmpty();
        assertThat(sources.document(namespace, "p").orElseThrow().problems())
                .extracting(PolicyProblem::toString)
                .containsExactly("EgressPolicy " + namespace + "/p:1: EgressPolicy " + namespace
                        + "/p spec.hosts[0].acton: unknown field; did you mean action?");
    }

    @Test
    void aNamespaceWhoseSecretsMayNotBeReadHoldsUpNobody() {
        String closed = cluster.namespace(getClass());
        policy(cluster, closed, "p", spec("keys"));
        secret(cluster, closed, "keys", "one");
        policy(cluster, namespace, "p", spec("keys"));
        secret(cluster, namespace, "keys", "one");
        sources.started();
        eventually(() -> assertThat(sources.credential(namespace, "keys")).isEqualTo(value("one")));
        String line = "cannot list secrets in namespace " + closed + ": secrets is forbidden: ";
        assertThat(sources.missing(closed, "keys")).contains("cannot be used: " + line);
        assertThat(sources.document(closed, "p")).isPresent();
        assertThat(sources.state().problems()).singleElement().asString().startsWith(line);
        Sources.letReadSecrets(cluster, closed);
        eventually(() -> assertThat(sources.credential(closed, "keys")).isEqualTo(value("one")));
        assertThat(sources.state().problems()).isEmpty();
        // And taken away again.
        delete(
                cluster,
                "/apis/rbac.authorization.k8s.io/v1/namespaces/" + closed + "/rolebindings/sallyport-secret-reader");
        eventually(() -> assertThat(sources.missing(closed, "keys")).contains("cannot watch secrets"));
        assertThat(sources.credential(namespace, "keys")).isEqualTo(value("one"));
        delete(cluster, "/apis/sallyport.dev/v1alpha1/namespaces/" + closed + "/egresspolicies/p");
    }

    @Test
    void aPolicyThatNamesAnotherSecretIsInForceWithItsValue() {
        policy(cluster, namespace, "p", spec("first"));
        secret(cluster, namespace, "first", "one");
        secret(cluster, namespace, "second", "two");
        sources.started();
        eventually(() -> assertThat(sources.credential(namespace, "first")).isEqualTo(value("one")));
        int before = sources.states.size();
        policy(cluster, namespace, "p", spec("second"));
        eventually(() -> assertThat(sources.credential(namespace, "second")).isEqualTo(value("two")));
        eventually(() -> assertThat(sources.missing(namespace, "first")).contains("does not exist"));
        assertThat(sources.source.kept()).isEqualTo(1);
        assertThat(sources.states.subList(before, sources.states.size()))
                .as("in none is the policy without its Secret")
                .allSatisfy(state -> assertThat(
                                state.documents().documents().toString().contains("second"))
                        .isEqualTo(state.credentials()
                                .find(namespace, new SecretKey("second", "token"), "api.example.com")
                                .equals(value("two"))));
    }

    @Test
    void nothingIsToldWhenNothingChangedThatCounts() {
        policy(cluster, namespace, "p", spec("keys"));
        secret(cluster, namespace, "keys", "one");
        sources.started();
        eventually(() -> assertThat(sources.states).isNotEmpty());
        int before = sources.states.size();
        assertThat(cluster.send(
                                "PATCH",
                                "/apis/sallyport.dev/v1alpha1/namespaces/" + namespace + "/egresspolicies/p/status",
                                "application/merge-patch+json",
                                "{\"status\": {\"hosts\": 7}}")
                        .status())
                .isEqualTo(200);
        assertThat(cluster.kubectl("label", "secret", "keys", "-n", namespace, "a=b")
                        .exitCode())
                .isZero();
        secret(cluster, namespace, "unnamed", "two");
        // Longer than a watch: whatever is told without a change would be told by now.
        secret(cluster, namespace, "keys", "two");
        eventually(() -> assertThat(sources.credential(namespace, "keys")).isEqualTo(value("two")));
        assertThat(sources.states).hasSize(before + 1);
    }

    @Test
    void ofThousandsOfSecretsOnlyTheNamedAreKept() {
        int count = 5_000;
        IntStream.range(0, count)
                .parallel()
                .forEach(i -> cluster.send(
                        "POST",
                        "/api/v1/namespaces/" + namespace + "/secrets",
                        "application/json",
                        "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s" + i
                                + "\"},\"stringData\":{\"token\":\"t" + i + "\",\"other\":\"x\"}}"));
        policy(cluster, namespace, "p", spec("s17"));
        policy(cluster, namespace, "q", spec("s4999"));
        sources.started();
        eventually(() -> assertThat(sources.credential(namespace, "s4999")).isEqualTo(value("t4999")));
        assertThat(sources.credential(namespace, "s17")).isEqualTo(value("t17"));
        assertThat(sources.source.kept()).isEqualTo(2);
        assertThat(sources.state().credentials().find(namespace, new SecretKey("s17", "other"), "api.example.com"))
                .isInstanceOf(CredentialLookup.Missing.class);
        assertThat(List.copyOf(sources.states)).hasSize(1);
    }
}
