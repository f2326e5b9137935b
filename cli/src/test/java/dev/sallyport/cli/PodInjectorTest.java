package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.testing.Eventually;
import dev.sallyport.testing.kubernetes.Kubectl;
import java.io.IOException;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Pods made through a real API server: what is stored, and what kubectl says. */
class PodInjectorTest {
    private static final String SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

    private static InjectorCluster cluster;

    @BeforeAll
    static void start() throws IOException {
        cluster = new InjectorCluster();
        cluster.policy("coder", "{hosts: [{host: api.example.com}]}");
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    private static List<String> names(JsonNode containers) {
        return StreamSupport.stream(containers.spliterator(), false)
                .map(container -> container.path("name").asText())
                .toList();
    }

    private static void created(Kubectl.Outcome outcome) {
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }

    private static void refused(Kubectl.Outcome outcome, String message) {
        assertThat(outcome.exitCode()).as(outcome.output()).isNotZero();
        assertThat(outcome.output()).contains(message);
    }

    @Test
    @DisplayName(
            "INJ-01 INJ-12 a labelled Pod is stored behind its sidecar, and admission put no token into what is ours")
    void injects() {
        created(cluster.create(InjectorCluster.pod("one", "coder", "initContainers: [{name: first, image: app:1}]")));
        ObjectNode pod = cluster.pod("one");
        assertThat(names(pod.at("/spec/initContainers"))).containsExactly("sallyport-net", "sallyport", "first");
        for (JsonNode container : pod.at("/spec/initContainers")) {
            List<String> tokens = StreamSupport.stream(
                            container.path("volumeMounts").spliterator(), false)
                    .filter(mount -> mount.path("mountPath").asText().equals(SERVICE_ACCOUNT))
                    .map(mount -> mount.path("name").asText())
                    .toList();
            assertThat(tokens)
                    .singleElement()
                    .asString()
                    .startsWith(
                            container.path("name").asText().equals("first")
                                    ? "kube-api-access-"
                                    : "sallyport-no-token");
        }
    }

    @Test
    @DisplayName("INJ-02 what was stored is admitted as it is, with what LimitRanger and others added")
    void leavesStoredPodsAlone() {
        cluster.apply("""
                apiVersion: v1
                kind: LimitRange
                metadata: {name: limits, namespace: agents}
                spec:
                  limits:
                  - {type: Container, default: {cpu: "0.5", memory: 1Gi}, defaultRequest: {cpu: 100m, memory: 64Mi}}
                """);
        try {
            Eventually.eventually(() -> assertThat(
                            cluster.create(InjectorCluster.pod("probe", "coder", ""), "--dry-run=server", "-o", "json")
                                    .output())
                    .contains("500m"));
            created(cluster.create(InjectorCluster.pod("limited", "coder", "")));
            ObjectNode stored = cluster.pod("limited");
            assertThat(stored.at("/spec/initContainers/1/resources/limits/cpu").asText())
                    .isEqualTo("500m");
            ObjectNode again = stored.deepCopy();
            again.remove("status");
            ObjectNode metadata = (ObjectNode) again.get("metadata");
            metadata.remove(List.of("uid", "resourceVersion", "creationTimestamp", "managedFields"));
            metadata.put("name", "limited-again");
            created(cluster.create(again.toString()));
            assertThat(cluster.pod("limited-again").get("spec")).isEqualTo(stored.get("spec"));
        } finally {
            cluster.kubernetes().kubectl("delete", "limitrange", "limits", "-n", "agents");
        }
    }

    @Test
    @DisplayName("INJ-01 Pods of a Deployment, which come without a name, are injected")
    void injectsPodsOfDeployments() {
        created(cluster.create("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: coder}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: coder}}
                  template:
                    metadata: {labels: {app: coder, sallyport.dev/policy: coder}}
                    spec: {containers: [{name: app, image: app:1}]}
                """));
        Eventually.eventually(() -> assertThat(pods("app=coder")).hasSize(2));
        List<JsonNode> uids = pods("app=coder").stream()
                .map(pod -> pod.at("/spec/initContainers/1/securityContext/runAsUser"))
                .toList();
        assertThat(uids).doesNotHaveDuplicates().allMatch(JsonNode::isInt);
    }

    private static List<JsonNode> pods(String selector) {
        Kubectl.Outcome outcome =
                cluster.kubernetes().kubectl("get", "pods", "-n", "agents", "-l", selector, "-o", "json");
        return StreamSupport.stream(
                        InjectorCluster.json(outcome.output()).path("items").spliterator(), false)
                .toList();
    }

    @Test
    @DisplayName("INJ-03 a Pod without the label is stored as it came")
    void leavesOtherPodsAlone() {
        created(
                cluster.create(
                        "{apiVersion: v1, kind: Pod, metadata: {name: other}, spec: {hostNetwork: true, containers: [{name: a, image: a}]}}"));
        assertThat(cluster.pod("other").at("/spec/initContainers").isMissingNode())
                .isTrue();
    }

    @Test
    @DisplayName("INJ-04 INJ-06 INJ-07 INJ-08 INJ-11 kubectl shows why a Pod was refused, every reason at once")
    void refuses() {
        refused(
                cluster.create(InjectorCluster.pod("bad", "unknown", "")),
                "admission webhook \"pods.sallyport.dev\" denied the request: metadata.labels[\"sallyport.dev/policy\"]: found unknown, expected the name of an EgressPolicy in namespace agents");
        refused(
                cluster.create(InjectorCluster.pod("bad", "coder", "hostNetwork: true\nhostPID: true")),
                "denied the request: 2 reasons: (1) spec.hostNetwork: found true, expected false or nothing: the Pod would be in the network of the node, where no rule of its own holds; (2) spec.hostPID: found true");
        refused(
                cluster.create(InjectorCluster.pod("bad", "coder", "")
                        .replace("image: app:1", "image: app:1, securityContext: {capabilities: {add: [NET_ADMIN]}}")),
                "spec.containers[0].securityContext.capabilities.add[0]: found NET_ADMIN, expected one of the Pod Security baseline");
        refused(
                cluster.create(
                        InjectorCluster.pod(
                                "bad",
                                "coder",
                                "volumes: [{name: t, projected: {sources: [{serviceAccountToken: {audience: sallyport, path: t}}]}}]")),
                "spec.volumes[0].projected.sources[0].serviceAccountToken.audience: found sallyport");
        assertThat(cluster.kubernetes()
                        .kubectl("get", "pod", "bad", "-n", "agents")
                        .exitCode())
                .isNotZero();
    }

    @Test
    @DisplayName("INJ-10 a stored Pod with another image for its sidecar is refused when it is made anew")
    void refusesForgedPods() {
        created(cluster.create(InjectorCluster.pod("real", "coder", "")));
        ObjectNode forged = cluster.pod("real");
        forged.remove("status");
        ((ObjectNode) forged.get("metadata"))
                .put("name", "forged")
                .remove(List.of("uid", "resourceVersion", "creationTimestamp", "managedFields"));
        ((ObjectNode) forged.at("/spec/initContainers/1")).put("image", "evil:1");
        refused(
                cluster.create(forged.toString()),
                "spec.initContainers[1].image: is not what is injected under this policy");
    }

    @Test
    @DisplayName("TRUST-03 kubectl shows what a container keeps of its own")
    void warns() {
        Kubectl.Outcome outcome = cluster.create(InjectorCluster.pod("warned", "coder", "")
                .replace("image: app:1", "image: app:1, env: [{name: SSL_CERT_FILE, value: /x}]"));
        created(outcome);
        assertThat(outcome.output()).contains("Warning: spec.containers[0].env: kept as it is: SSL_CERT_FILE");
    }

    @Test
    @DisplayName("INJ-14 without a sidecar the NetworkPolicy comes first")
    void waitsForTheNetworkPolicy() {
        cluster.policy("shut", "{access: None}");
        refused(
                cluster.create(InjectorCluster.pod("early", "shut", "")),
                "EgressPolicy agents/shut has access None, and its NetworkPolicy sallyport-shut does not exist yet");
        cluster.apply("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: sallyport-shut, namespace: agents, labels: {app.kubernetes.io/managed-by: sallyport}}
                spec:
                  podSelector: {matchLabels: {sallyport.dev/policy: shut}}
                  policyTypes: [Egress]
                """);
        Eventually.eventually(() -> created(cluster.create(InjectorCluster.pod("shut", "shut", ""))));
        assertThat(names(cluster.pod("shut").at("/spec/initContainers"))).containsExactly("sallyport-net");
    }

    @Test
    @DisplayName("a dry run stores nothing")
    void answersDryRuns() {
        created(cluster.create(InjectorCluster.pod("dry", "coder", ""), "--dry-run=server"));
        assertThat(cluster.kubernetes()
                        .kubectl("get", "pod", "dry", "-n", "agents")
                        .exitCode())
                .isNotZero();
    }

    @Test
    @DisplayName("K8S-05 a policy that was deleted admits no new Pod")
    void refusesPodsOfDeletedPolicies() {
        cluster.policy("short-lived", "{hosts: []}");
        created(cluster.create(InjectorCluster.pod("before", "short-lived", "")));
        created(cluster.kubernetes().kubectl("delete", "egresspolicy", "short-lived", "-n", "agents"));
        Eventually.eventually(() -> refused(
                cluster.create(InjectorCluster.pod("after", "short-lived", ""), "--dry-run=server"),
                "found short-lived, expected the name of an EgressPolicy"));
    }

    @Test
    @DisplayName("INJ-15 without the injector no Pod with a policy is made; others are, and the injector's own")
    void isNeededForPodsWithAPolicy() throws IOException {
        int port = cluster.stopInjector();
        try {
            refused(cluster.create(InjectorCluster.pod("orphan", "coder", "")), "failed calling webhook");
            created(cluster.create(
                    "{apiVersion: v1, kind: Pod, metadata: {name: free}, spec: {containers: [{name: a, image: a}]}}"));
            created(cluster.kubernetes().kubectlWithInput("""
                            apiVersion: v1
                            kind: Pod
                            metadata:
                              name: injector
                              namespace: sallyport-system
                              labels: {app.kubernetes.io/name: sallyport-pod-injector, sallyport.dev/policy: coder}
                            spec:
                              securityContext: {runAsNonRoot: true, runAsUser: 1, seccompProfile: {type: RuntimeDefault}}
                              containers:
                              - name: a
                                image: a
                                securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                            """, "create", "-f", "-"));
        } finally {
            cluster.startInjector(port);
        }
        Eventually.eventually(() -> created(cluster.create(InjectorCluster.pod("orphan", "coder", ""))));
        assertThat(names(cluster.pod("orphan").at("/spec/initContainers")))
                .containsExactly("sallyport-net", "sallyport");
    }
}
