package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sallyport.testing.kubernetes.ApiReply;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** What tests of the reconciler do to a cluster, and see in it, as a person by kubectl. */
final class ReconcilerCluster implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PRODUCT = "system:serviceaccount:sallyport-system:sallyport-xds-server";

    final SystemCluster system;

    ReconcilerCluster(KubernetesOptions options) {
        this.system = new SystemCluster(options);
    }

    Replica replica(String name) {
        return new Replica(system.config(), name);
    }

    String namespace(Class<?> test) {
        return system.cluster().namespace(test);
    }

    void policy(String namespace, String name, String spec) {
        String yaml = "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: " + name
                + ", namespace: " + namespace + "}\nspec: " + spec + "\n";
        eventually(() -> {
            var outcome = system.cluster().kubectlWithInput(yaml, "apply", "-f", "-");
            assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        });
    }

    /** A Pod of that policy, on a node, so that it ends only when somebody says so. */
    void pod(String namespace, String name, String policy) {
        apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, namespace: %s, labels: {sallyport.dev/policy: %s}}
                spec:
                  nodeName: node-a
                  initContainers: [{name: sallyport, image: envoy, restartPolicy: Always}]
                  containers: [{name: app, image: app}]
                """.formatted(name, namespace, policy));
    }

    void apply(String yaml) {
        var outcome = system.cluster().kubectlWithInput(yaml, "apply", "-f", "-");
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }

    String kubectl(String namespace, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--namespace=" + namespace));
        all.addAll(List.of(arguments));
        var outcome = system.cluster().kubectl(all.toArray(String[]::new));
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        return outcome.output().strip();
    }

    /** The object as it is now; missing: there is none. {@code resource} is the plural. */
    JsonNode get(String namespace, String resource, String name) {
        ApiReply reply = system.cluster()
                .send("GET", api(resource) + "/namespaces/" + namespace + "/" + resource + "/" + name, "", "");
        assertThat(reply.status()).as(reply.body()).isIn(200, 404);
        return reply.status() == 404 ? MissingNode.getInstance() : tree(reply.body());
    }

    private static String api(String resource) {
        return switch (resource) {
            case "egresspolicies" -> "/apis/sallyport.dev/v1alpha1";
            case "networkpolicies" -> "/apis/networking.k8s.io/v1";
            default -> "/api/v1";
        };
    }

    boolean isThere(String namespace) {
        return system.cluster()
                        .send("GET", "/api/v1/namespaces/" + namespace, "", "")
                        .status()
                == 200;
    }

    JsonNode networkPolicy(String namespace, String policy) {
        return get(namespace, "networkpolicies", "sallyport-" + policy);
    }

    JsonNode trust(String namespace, String policy) {
        return get(namespace, "configmaps", "sallyport-trust-" + policy);
    }

    JsonNode policy(String namespace, String name) {
        return get(namespace, "egresspolicies", name);
    }

    JsonNode status(String namespace, String policy) {
        return policy(namespace, policy).path("status");
    }

    /** {@code True REASON: message}, once the status is about the newest generation. */
    String condition(String namespace, String policy, String type) {
        JsonNode object = policy(namespace, policy);
        assertThat(object.at("/status/observedGeneration").asLong())
                .as(object.path("status").toString())
                .isEqualTo(object.at("/metadata/generation").asLong());
        for (JsonNode condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText() + " "
                        + condition.path("reason").asText() + ": "
                        + condition.path("message").asText();
            }
        }
        throw new AssertionError("no condition " + type + " in " + object.path("status"));
    }

    /** The versions of everything that is kept in step in a namespace. */
    String versions(String namespace) {
        return kubectl(
                namespace,
                "get",
                "egresspolicies,networkpolicies,configmaps,services",
                "-o",
                "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{\"\\n\"}{end}");
    }

    /** How many requests of the product in that namespace were more than reading, by the audit log. */
    long writes(String namespace) {
        try {
            return Files.readAllLines(system.cluster().auditLog().orElseThrow()).stream()
                    .map(ReconcilerCluster::tree)
                    .filter(event -> event.at("/user/username").asText().equals(PRODUCT))
                    .filter(event -> event.at("/objectRef/namespace").asText().equals(namespace))
                    .filter(event -> !List.of("get", "list", "watch")
                            .contains(event.path("verb").asText()))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode tree(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException unfinished) {
            return MissingNode.getInstance();
        }
    }

    @Override
    public void close() {
        system.close();
    }
}
