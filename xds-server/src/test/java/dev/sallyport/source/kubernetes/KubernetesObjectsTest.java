package dev.sallyport.source.kubernetes;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KubernetesObjectsTest {
    private static final ObjectQuery CONFIG_MAPS =
            ObjectQuery.of("/api/v1", "configmaps").labelled("app.kubernetes.io/managed-by=sallyport");

    private static KubernetesCluster cluster;

    private final ApiServer server = newServer();
    private final SourceThread thread = new SourceThread(Clock.systemUTC());
    private final SourceHealth health = new SourceHealth(Clock.systemUTC());
    private final List<KubernetesObjects> watches = new ArrayList<>();
    private final List<ObjectName> changes = new CopyOnWriteArrayList<>();
    private String namespace = "";

    private static ApiServer newServer() {
        return ApiServer.of(cluster.serviceAccount("sallyport-system", "sallyport-xds-server"));
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
    }

    @AfterEach
    void close() {
        watches.forEach(KubernetesObjects::close);
        thread.close();
        server.close();
    }

    private KubernetesObjects watch(ObjectQuery query) {
        var services = new ObjectWatch.Services(server, thread, Sources.SHORT, health);
        KubernetesObjects watch = new KubernetesObjects(query, services, KubernetesObjectsTest::reduced);
        watch.onChange(changes::add);
        watches.add(watch);
        watch.start();
        return watch;
    }

    private static JsonNode reduced(JsonNode object) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("data", object.at("/data/token").asText())
                .put("version", object.at("/metadata/resourceVersion").asText());
    }

    private void configMap(String name, String label, String token) {
        Sources.object(
                cluster, namespace, "configmaps", name, "\"data\": {\"token\": \"" + token + "\", \"other\": \"x\"}");
        kubectl("label", "--overwrite", "configmap", name, "app.kubernetes.io/managed-by=" + label);
    }

    private String kubectl(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--namespace=" + namespace));
        all.addAll(List.of(arguments));
        var outcome = cluster.kubectl(all.toArray(String[]::new));
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        return outcome.output();
    }

    private static Optional<String> data(KubernetesObjects watch, String namespace, String name) {
        return watch.find(namespace, name).map(object -> object.path("data").asText());
    }

    @Test
    void knowsTheObjectsOfItsLabelAndWhatBecomesOfThem() {
        configMap("before", "sallyport", "1");
        configMap("foreign", "other", "1");
        KubernetesObjects watch = watch(CONFIG_MAPS.in(namespace).paged(1));
        eventually(() -> assertThat(watch.synced()).isTrue());
        assertThat(data(watch, namespace, "before")).contains("1");
        assertThat(data(watch, namespace, "foreign")).isEmpty();
        configMap("after", "sallyport", "2");
        eventually(() -> assertThat(data(watch, namespace, "after")).contains("2"));
        assertThat(watch.all()).hasSize(2);
        assertThat(watch.find(namespace, "after").orElseThrow().toString()).doesNotContain("other");
        configMap("before", "sallyport", "3");
        eventually(() -> assertThat(data(watch, namespace, "before")).contains("3"));
        kubectl("label", "configmap", "before", "app.kubernetes.io/managed-by-");
        eventually(() -> assertThat(data(watch, namespace, "before")).isEmpty());
        kubectl("delete", "configmap", "after");
        eventually(() -> assertThat(watch.size()).isZero());
        assertThat(changes)
                .startsWith(new ObjectName(namespace, "before"))
                .endsWith(new ObjectName(namespace, "after"))
                .doesNotContain(new ObjectName(namespace, "foreign"));
    }

    @Test
    void knowsHowFarItIs() {
        KubernetesObjects watch = watch(CONFIG_MAPS);
        eventually(() -> assertThat(watch.synced()).isTrue());
        configMap("a", "sallyport", "1");
        eventually(() -> assertThat(data(watch, namespace, "a")).contains("1"));
        String version =
                watch.find(namespace, "a").orElseThrow().path("version").asText();
        eventually(() -> assertThat(watch.isUpTo(version)).isTrue());
        assertThat(watch.isUpTo(version + "0")).isFalse();
    }

    @Test
    void oneObjectNeedsRightsToThatOneOnly() {
        KubernetesObjects all = watch(
                ObjectQuery.clusterScoped("/apis/admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations"));
        KubernetesObjects one = watch(
                ObjectQuery.clusterScoped("/apis/admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations")
                        .named("sallyport-pod-injector"));
        eventually(() -> assertThat(one.synced()).isTrue());
        assertThat(one.find("", "sallyport-pod-injector")).isEmpty();
        assertThat(cluster.kubectlWithInput("""
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: MutatingWebhookConfiguration
                        metadata: {name: sallyport-pod-injector}
                        """, "apply", "-f", "-").exitCode()).isZero();
        eventually(() -> assertThat(one.find("", "sallyport-pod-injector")).isPresent());
        eventually(() -> assertThat(all.problem())
                .hasValueSatisfying(line -> assertThat(line)
                        .startsWith("cannot list mutatingwebhookconfigurations: ")
                        .contains("forbidden")));
        assertThat(all.synced()).isFalse();
        assertThat(one.problem()).isEmpty();
    }

    @Test
    void twoWatchesOfTheSameDoNotHideEachOther() {
        KubernetesObjects first = watch(CONFIG_MAPS);
        KubernetesObjects second = watch(CONFIG_MAPS);
        eventually(() -> assertThat(first.synced() && second.synced()).isTrue());
        first.close();
        assertThat(health.ages()).containsOnlyKeys(new SourceHealth.Watched("configmaps", ""));
        second.close();
        assertThat(health.ages()).isEmpty();
    }
}
