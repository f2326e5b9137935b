package dev.sallyport.source.kubernetes;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.policy.ConfigMapKey;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.SecretKey;
import dev.sallyport.source.SourceState;
import dev.sallyport.testing.kubernetes.ApiReply;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import io.fabric8.kubernetes.client.Config;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A source that runs as the product's ServiceAccount against a test's API server, with times that suit a test. */
final class Sources implements AutoCloseable {
    static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
    static final WatchSettings SHORT = new WatchSettings(
            Duration.ofSeconds(4),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            new Backoff(Duration.ofMillis(50), Duration.ofMillis(500), Math::random),
            new Backoff(Duration.ofMillis(50), Duration.ofMillis(500), Math::random));

    final List<SourceState> states = new CopyOnWriteArrayList<>();
    final SourceHealth health = new SourceHealth(Clock.systemUTC());
    final KubernetesSource source;
    final KubernetesPods pods;
    private final ApiServer server;
    private final SourceThread thread = new SourceThread(Clock.systemUTC());

    private Sources(Config config) {
        server = ApiServer.of(config);
        ObjectWatch.Services services = new ObjectWatch.Services(server, thread, SHORT, health);
        source = new KubernetesSource(services);
        pods = new KubernetesPods(services);
    }

    /** Everything that the product is installed with, but for the rights to Secrets. */
    static void install(KubernetesCluster cluster) {
        cluster.apply(
                ROOT.resolve("manifests/crd"),
                ROOT.resolve("manifests/system/namespace.yaml"),
                ROOT.resolve("manifests/system/rbac.yaml"));
    }

    static Sources on(KubernetesCluster cluster) {
        return new Sources(cluster.serviceAccount("sallyport-system", "sallyport-xds-server"));
    }

    Sources started() {
        source.start(states::add);
        pods.start();
        return this;
    }

    static void letReadSecrets(KubernetesCluster cluster, String namespace) {
        assertThat(cluster.kubectl(
                                "create",
                                "rolebinding",
                                "sallyport-secret-reader",
                                "-n",
                                namespace,
                                "--clusterrole=sallyport-secret-reader",
                                "--serviceaccount=sallyport-system:sallyport-xds-server")
                        .exitCode())
                .isZero();
    }

    static void policy(KubernetesCluster cluster, String namespace, String name, String spec) {
        String path = "/apis/sallyport.dev/v1alpha1/namespaces/" + namespace + "/egresspolicies";
        String body = """
                {"apiVersion": "sallyport.dev/v1alpha1", "kind": "EgressPolicy", "metadata": {"name": "%s"}, "spec": %s}
                """.formatted(name, spec);
        put(cluster, path, name, body);
    }

    /** A policy of one host, which gets key {@code token} of that Secret and trusts key {@code ca} of ConfigMap {@code cas}. */
    static String spec(String secret) {
        return """
                {"hosts": [{"host": "api.example.com", "trustedCa": {"configMapKeyRef": {"name": "cas", "key": "ca"}},
                 "credentials": [{"header": "x-key", "valueFrom": {"secretKeyRef": {"name": "%s", "key": "token"}}}]}]}
                """.formatted(secret);
    }

    static void object(KubernetesCluster cluster, String namespace, String resource, String name, String fields) {
        String path = "/api/v1/namespaces/" + namespace + "/" + resource;
        String kind = resource.equals("secrets") ? "Secret" : "ConfigMap";
        put(cluster, path, name, """
                {"apiVersion": "v1", "kind": "%s", "metadata": {"name": "%s"}, %s}
                """.formatted(kind, name, fields));
    }

    static void secret(KubernetesCluster cluster, String namespace, String name, String token) {
        object(
                cluster,
                namespace,
                "secrets",
                name,
                "\"stringData\": {\"token\": \"" + token + "\", \"other\": \"unwanted\"}");
    }

    private static void put(KubernetesCluster cluster, String path, String name, String body) {
        // The kind may have been defined just now.
        eventually(() -> {
            ApiReply reply = cluster.send(
                    "PATCH",
                    path + "/" + name + "?fieldManager=test&force=true&fieldValidation=Ignore",
                    "application/apply-patch+yaml",
                    body);
            assertThat(reply.status()).as(reply.body()).isIn(200, 201);
        });
    }

    static void delete(KubernetesCluster cluster, String path) {
        ApiReply reply = cluster.send("DELETE", path, "application/json", "");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    }

    SourceState state() {
        assertThat(states).isNotEmpty();
        return states.get(states.size() - 1);
    }

    Optional<PolicyDocument> document(String namespace, String name) {
        return state().documents().of(new PolicyId(namespace, name)).stream().findFirst();
    }

    CredentialLookup credential(String namespace, String secret) {
        return state().credentials().find(namespace, new SecretKey(secret, "token"), "api.example.com");
    }

    String missing(String namespace, String secret) {
        CredentialLookup found = credential(namespace, secret);
        assertThat(found).isInstanceOf(CredentialLookup.Missing.class);
        return ((CredentialLookup.Missing) found).reason();
    }

    Optional<String> ca(String namespace) {
        return state().configMaps().find(namespace, new ConfigMapKey("cas", "ca"));
    }

    static CredentialLookup value(String text) {
        return new CredentialLookup.Found(CredentialValue.ofText(text));
    }

    @Override
    public void close() {
        source.close();
        pods.close();
        thread.close();
        server.close();
    }
}
