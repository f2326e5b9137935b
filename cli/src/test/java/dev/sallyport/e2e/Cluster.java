package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.cli.StandaloneControlPlane;
import dev.sallyport.testing.kubernetes.ApiReply;
import dev.sallyport.testing.kubernetes.Kubectl;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A real API server with the manifests of this repository applied, and the control plane as processes with its own ServiceAccount. There is no node: a sidecar is an Envoy on this machine with the bound token of a Pod that is Pending.
 */
final class Cluster implements AutoCloseable {
    static final String NAMESPACE = "agents";

    private static final Path MANIFESTS =
            Path.of(System.getProperty("basedir", ".")).resolve("..").resolve("manifests");
    private static final String SYSTEM = "sallyport-system";
    private static final List<String> REPLICAS = List.of("xds-a", "xds-b");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final KubernetesCluster kubernetes;
    private final KubernetesClient node;
    private final Path kubeconfig;
    private final Map<String, Integer> ports = new TreeMap<>();
    private final Map<String, XdsServerProcess> replicas = new TreeMap<>();
    private final List<TestSidecar> sidecars = new ArrayList<>();
    private final ServiceAddress service;

    private Cluster(Path directory, KubernetesCluster kubernetes) throws IOException {
        this.directory = directory;
        this.kubernetes = kubernetes;
        kubernetes.apply(
                MANIFESTS.resolve("crd"),
                MANIFESTS.resolve("system/namespace.yaml"),
                MANIFESTS.resolve("system/rbac.yaml"));
        kubernetes.apply(MANIFESTS.resolve("admission"));
        kubeconfig = kubernetes.kubeconfig(kubernetes.serviceAccount(SYSTEM, "sallyport-xds-server"));
        kubernetes.grant(
                "kubelet",
                new PolicyRuleBuilder()
                        .withApiGroups("")
                        .withResources("serviceaccounts/token")
                        .withVerbs("create")
                        .build());
        node = kubernetes.client(kubernetes.user("kubelet", "system:nodes"));
        Files.writeString(directory.resolve("public-roots.pem"), Internet.get().publicRoots());
        REPLICAS.forEach(name -> ports.put(name, TestSidecar.nextPort()));
        service = ServiceAddress.of(List.copyOf(ports.values()));
    }

    /** One with the namespace {@value #NAMESPACE}, whose Secrets the control plane may read, and no replica yet. */
    static Cluster start(Path directory, KubernetesOptions options) throws IOException {
        KubernetesCluster kubernetes = KubernetesCluster.start(options);
        try {
            Cluster cluster = new Cluster(directory, kubernetes);
            cluster.apply("{apiVersion: v1, kind: Namespace, metadata: {name: " + NAMESPACE + "}}");
            cluster.apply(
                    "{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: " + NAMESPACE + "}}");
            kubernetes.apply(MANIFESTS.resolve("optional/secrets-of-one-namespace.yaml"));
            return cluster;
        } catch (IOException | RuntimeException e) {
            kubernetes.close();
            throw e;
        }
    }

    KubernetesCluster kubernetes() {
        return kubernetes;
    }

    /** Starts that replica, {@code xds-a} or {@code xds-b}, on the address that it always has, and waits until it is ready. */
    XdsServerProcess replica(String name) throws IOException {
        return launch(name).awaitReady();
    }

    /** The same, without waiting. */
    XdsServerProcess launch(String name) throws IOException {
        return kept(name, XdsServerProcess.launch(directory, port(name), sources(name)));
    }

    /** The same of what the launcher has built, as people run it, with its class-data archive or without; not waited for. */
    XdsServerProcess launchBuilt(String name, boolean archive) throws IOException {
        return kept(name, XdsServerProcess.launchBuilt(directory, port(name), archive, sources(name)));
    }

    private XdsServerProcess kept(String name, XdsServerProcess replica) {
        replicas.put(name, replica);
        return replica;
    }

    private int port(String name) {
        return Objects.requireNonNull(ports.get(name), name);
    }

    private String[] sources(String name) {
        return new String[] {
            "--kubernetes", "--kubeconfig", kubeconfig.toString(), "--system-namespace", SYSTEM, "--replica", name
        };
    }

    /** As kubectl would. */
    void apply(String yaml) {
        Kubectl.Outcome outcome = kubernetes.kubectlWithInput(yaml, "apply", "--server-side", "-f", "-");
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }

    /** What kubectl prints; it must succeed. */
    String kubectl(String... arguments) {
        Kubectl.Outcome outcome = kubernetes.kubectl(arguments);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        return outcome.output();
    }

    /** An object, as the API server has it now; a missing node when there is none. */
    JsonNode object(String kind, String name) {
        return object(kind, NAMESPACE, name);
    }

    JsonNode object(String kind, String namespace, String name) {
        Kubectl.Outcome outcome =
                kubernetes.kubectl("get", kind, name, "-n", namespace, "-o", "json", "--ignore-not-found");
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        try {
            return JSON.readTree(outcome.output());
        } catch (JsonProcessingException e) {
            throw new AssertionError(outcome.output(), e);
        }
    }

    /** Makes a Pod of that policy, with the container of a sidecar, which stays Pending. */
    void pod(String name, String policy) {
        pod(name, policy, "{\"name\": \"sallyport\", \"image\": \"envoy\", \"restartPolicy\": \"Always\"}");
    }

    /** One of a policy that gives it none. */
    void podWithoutSidecar(String name, String policy) {
        pod(name, policy, "");
    }

    private void pod(String name, String policy, String initContainers) {
        ApiReply reply = kubernetes.send("POST", "/api/v1/namespaces/agents/pods", "application/json", """
                {"apiVersion": "v1", "kind": "Pod",
                 "metadata": {"name": "%s", "labels": {"sallyport.dev/policy": "%s"}},
                 "spec": {"containers": [{"name": "app", "image": "app"}], "initContainers": [%s]}}
                """.formatted(
                        name, policy, initContainers));
        assertThat(reply.status()).as(reply.body()).isEqualTo(201);
    }

    void deletePod(String name) {
        kubectl("delete", "pod", name, "-n", NAMESPACE, "--grace-period=0", "--force", "--wait=false");
    }

    /** A new token that is bound to that Pod, as the kubelet gets it. */
    String token(String pod) {
        return node.serviceAccounts()
                .inNamespace(NAMESPACE)
                .withName("default")
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences("sallyport")
                        .withExpirationSeconds(3_600L)
                        .withNewBoundObjectRef("v1", "Pod", pod, null)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    /** A ready sidecar of that Pod. It finds the control plane by its Service and by what the Pod mounts. */
    TestSidecar sidecar(String pod, String policy) throws IOException {
        mount(pod, policy);
        return startSidecar(pod).awaitReady();
    }

    /** Brings what the Pod mounts: a token, and files of the trust ConfigMap once it is there. */
    void mount(String pod, String policy) throws IOException {
        Path mounted = mounted(pod);
        Files.writeString(Files.createDirectories(mounted.resolve("token")).resolve("token"), token(pod));
        eventually(() -> {
            JsonNode map = object("configmap", "sallyport-trust-" + policy);
            for (String file : List.of("xds-ca.pem", "ca.pem")) {
                assertThat(map.at("/data").path(file).isTextual()).isTrue();
                Files.writeString(
                        mounted.resolve(file), map.at("/data").path(file).textValue());
            }
        });
    }

    /** A sidecar of a Pod that has its mounts; it may never be ready. */
    TestSidecar startSidecar(String pod) throws IOException {
        TestSidecar sidecar = TestSidecar.start(
                mounted(pod),
                new ControlPlane("127.0.0.1", service.port(), StandaloneControlPlane.SERVER_NAME),
                mounted(pod).resolve("xds-ca.pem"),
                mounted(pod).resolve("token/token"));
        sidecars.add(sidecar);
        return sidecar;
    }

    private Path mounted(String pod) {
        return directory.resolve("pods").resolve(pod);
    }

    /** The app of that Pod. */
    App app(String pod, TestSidecar sidecar) {
        return new App(sidecar.proxy(), mounted(pod).resolve("ca.pem"));
    }

    @Override
    public void close() {
        sidecars.forEach(TestSidecar::close);
        replicas.values().forEach(XdsServerProcess::close);
        try {
            service.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            kubernetes.close();
        }
    }
}
