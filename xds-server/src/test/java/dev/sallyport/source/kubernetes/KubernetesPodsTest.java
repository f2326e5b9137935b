package dev.sallyport.source.kubernetes;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.LabelledPod;
import dev.sallyport.source.LabelledPod.State;
import dev.sallyport.source.PodChange;
import dev.sallyport.testing.kubernetes.ApiReply;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KubernetesPodsTest {
    private static KubernetesCluster cluster;

    private final Sources sources = newSources();
    private final List<PodChange> changes = new CopyOnWriteArrayList<>();
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
    void begin() {
        namespace = cluster.namespace(getClass());
        sources.pods.onChange(changes::add);
    }

    @AfterEach
    void close() {
        sources.close();
    }

    private String pods() {
        return "/api/v1/namespaces/" + namespace + "/pods";
    }

    private void create(String name, String labels) {
        send("POST", pods(), "application/json", """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s", "labels": {%s}},
                 "spec": {"containers": [{"name": "app", "image": "app"}],
                  "initContainers": [{"name": "sallyport", "image": "envoy", "restartPolicy": "Always"}]}}
                """.formatted(name, labels));
    }

    private static void send(String method, String path, String type, String body) {
        ApiReply reply = cluster.send(method, path, type, body);
        assertThat(reply.status()).as(reply.body()).isIn(200, 201);
    }

    private Optional<LabelledPod> find(String name) {
        return sources.pods.find(namespace, name);
    }

    private State state(String name) {
        return find(name).map(LabelledPod::state).orElseThrow(() -> new AssertionError("no Pod"));
    }

    @Test
    void followsThePodFromItsCreationToItsEnd() {
        create("before", "\"sallyport.dev/policy\": \"p\"");
        assertThat(sources.pods.synced()).isFalse();
        sources.started();
        eventually(() -> assertThat(sources.pods.synced()).isTrue());
        assertThat(find("before")).isPresent();
        create("a", "\"sallyport.dev/policy\": \"p\"");
        create("other", "\"app\": \"x\"");
        eventually(() -> assertThat(find("a")).isPresent());
        LabelledPod made = find("a").orElseThrow();
        assertThat(made.workload()).isEqualTo(new PolicyId(namespace, "p"));
        assertThat(made.serviceAccount()).isEqualTo("default");
        assertThat(made.sidecar()).isTrue();
        assertThat(made.ready()).isFalse();
        assertThat(made.state()).isEqualTo(State.LIVE);
        assertThat(sources.pods.of(made.workload()))
                .extracting(LabelledPod::name)
                .containsExactly("a", "before");
        bind("a");
        status("a", "Running");
        eventually(() -> assertThat(find("a").map(LabelledPod::ready)).contains(true));
        send("DELETE", pods() + "/a", "application/json", "{\"gracePeriodSeconds\": 30}");
        eventually(() -> assertThat(state("a")).isEqualTo(State.ENDING));
        assertThat(find("a").orElseThrow().mayRun()).isTrue();
        send("DELETE", pods() + "/a", "application/json", "{\"gracePeriodSeconds\": 0}");
        eventually(() -> assertThat(find("a")).isEmpty());
        assertThat(sources.pods.of(made.workload()))
                .extracting(LabelledPod::name)
                .containsExactly("before");
        assertThat(find("other")).isEmpty();
        assertThat(changes.stream().map(KubernetesPodsTest::summary))
                .containsSubsequence("- before LIVE", "- a LIVE", "a LIVE a LIVE", "a LIVE a ENDING", "a ENDING -")
                .noneMatch(line -> line.contains("other"));
    }

    private static String summary(PodChange change) {
        return summary(change.before()) + " " + summary(change.after());
    }

    private static String summary(Optional<LabelledPod> pod) {
        return pod.map(of -> of.name() + " " + of.state()).orElse("-");
    }

    @Test
    void tellsWhatHasEndedAndWhatWasReplaced() {
        sources.started();
        create("a", "\"sallyport.dev/policy\": \"p\"");
        bind("a");
        status("a", "Succeeded");
        eventually(() -> assertThat(state("a")).isEqualTo(State.ENDED));
        String uid = find("a").orElseThrow().uid();
        send("DELETE", pods() + "/a", "application/json", "{\"gracePeriodSeconds\": 0}");
        create("a", "\"sallyport.dev/policy\": \"q\"");
        eventually(() -> assertThat(find("a").map(LabelledPod::workload)).contains(new PolicyId(namespace, "q")));
        assertThat(find("a").orElseThrow().uid()).isNotEqualTo(uid);
        assertThat(sources.pods.of(new PolicyId(namespace, "p"))).isEmpty();
        assertThat(changes)
                .noneMatch(change -> change.before().isPresent()
                        && change.after().isPresent()
                        && !change.before()
                                .get()
                                .uid()
                                .equals(change.after().get().uid()));
    }

    @Test
    void aLabelThatIsTakenAwayOrChangedMovesThePod() {
        sources.started();
        create("a", "\"sallyport.dev/policy\": \"p\"");
        eventually(() -> assertThat(find("a")).isPresent());
        label("\"q\"");
        eventually(
                () -> assertThat(sources.pods.of(new PolicyId(namespace, "q"))).hasSize(1));
        assertThat(sources.pods.of(new PolicyId(namespace, "p"))).isEmpty();
        label("null");
        eventually(() -> assertThat(find("a")).isEmpty());
        assertThat(sources.pods.of(new PolicyId(namespace, "q"))).isEmpty();
    }

    private void label(String value) {
        send(
                "PATCH",
                pods() + "/a",
                "application/merge-patch+json",
                "{\"metadata\": {\"labels\": {\"sallyport.dev/policy\": " + value + "}}}");
    }

    private void bind(String name) {
        send("POST", pods() + "/" + name + "/binding", "application/json", """
                {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "%s"},
                 "target": {"apiVersion": "v1", "kind": "Node", "name": "node-a"}}
                """.formatted(name));
    }

    private void status(String name, String phase) {
        send("PATCH", pods() + "/" + name + "/status", "application/merge-patch+json", """
                {"status": {"phase": "%s", "conditions": [{"type": "Ready", "status": "True"}]}}
                """.formatted(phase));
    }
}
