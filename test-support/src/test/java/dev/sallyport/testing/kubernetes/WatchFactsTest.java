package dev.sallyport.testing.kubernetes;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sources of the control plane are built on: how watches end, and what the client's informers make of it. When one of these turns red after an update, look there first. */
class WatchFactsTest {
    private static KubernetesCluster cluster;
    private static Config masters;

    private String namespace = "";

    @BeforeAll
    static void start() {
        cluster = KubernetesCluster.start(KubernetesOptions.DEFAULT);
        masters = cluster.user("watcher", "system:masters");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = cluster.namespace(getClass());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anInformerComesBackByItselfAndSeesWhatWasDeletedMeanwhile(boolean crash) {
        create("deleted");
        try (SharedIndexInformer<ConfigMap> informer = informer()) {
            eventually(() -> assertThat(names(informer)).containsExactly("deleted"));
            if (crash) {
                cluster.apiServer().kill();
            } else {
                cluster.apiServer().stop();
            }
            eventually(() -> assertThat(informer.isWatching()).isFalse());
            assertThat(informer.hasSynced()).isTrue();
            assertThat(informer.isRunning()).isTrue();
            assertThat(names(informer)).containsExactly("deleted");
            cluster.apiServer().start();
            cluster.client()
                    .configMaps()
                    .inNamespace(namespace)
                    .withName("deleted")
                    .delete();
            create("created");
            eventually(() -> assertThat(names(informer)).containsExactly("created"));
        }
    }

    @Test
    void anInformerTakesAFrozenServerForALiveOne() {
        KubernetesClient impatient = cluster.client(new ConfigBuilder(masters)
                .withRequestTimeout(2_000)
                .withRequestRetryBackoffLimit(0)
                .build());
        try (SharedIndexInformer<ConfigMap> informer = informer()) {
            eventually(() -> assertThat(informer.isWatching()).isTrue());
            cluster.apiServer().pause();
            try {
                assertThatThrownBy(() -> impatient.namespaces().list()).isInstanceOf(KubernetesClientException.class);
                assertThat(informer.isWatching()).isTrue();
            } finally {
                cluster.apiServer().resume();
            }
            create("thawed");
            eventually(() -> assertThat(names(informer)).containsExactly("thawed"));
        }
    }

    @Test
    void aWatchFromBeforeARestartIsToldThatItsVersionIsGone() {
        String version = version();
        create("a");
        create("b");
        cluster.apiServer().restart();
        ApiReply watch = get("?watch=1&timeoutSeconds=5&resourceVersion=" + version);
        assertThat(watch.status()).isEqualTo(200);
        assertThat(watch.body()).contains("\"type\":\"ERROR\"").contains("\"code\":410");
    }

    @Test
    void anOldListIsServedUntilEtcdIsCompactedAndTheServerRestarts() {
        create("a");
        String old = "?resourceVersionMatch=Exact&resourceVersion=" + version();
        create("b");
        assertThat(get(old).body()).contains("\"name\":\"a\"").doesNotContain("\"name\":\"b\"");
        cluster.compactEtcd();
        cluster.apiServer().restart();
        assertThat(get(old).status()).isEqualTo(410);
        assertThat(get("").body()).contains("\"name\":\"a\"").contains("\"name\":\"b\"");
    }

    @Test
    void aListOfAVersionThatIsYetToComeIsRefused() {
        ApiReply reply = get("?resourceVersionMatch=NotOlderThan&resourceVersion=99999999");
        assertThat(reply.status()).isEqualTo(504);
        assertThat(reply.body()).contains("Too large resource version");
    }

    private SharedIndexInformer<ConfigMap> informer() {
        SharedIndexInformer<ConfigMap> informer =
                cluster.client(masters).configMaps().inNamespace(namespace).runnableInformer(0);
        informer.start().toCompletableFuture().join();
        return informer;
    }

    private static List<String> names(SharedIndexInformer<ConfigMap> informer) {
        return informer.getStore().list().stream()
                .map(map -> map.getMetadata().getName())
                .sorted()
                .toList();
    }

    private void create(String name) {
        try {
            ConfigMap created = cluster.client()
                    .resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
            assertThat(created).isNotNull();
        } catch (KubernetesClientException e) {
            throw new AssertionError("not created: " + name, e);
        }
    }

    /** The one that a list is of now. */
    private String version() {
        return cluster.client()
                .configMaps()
                .inNamespace(namespace)
                .list()
                .getMetadata()
                .getResourceVersion();
    }

    private ApiReply get(String query) {
        return cluster.send("GET", "/api/v1/namespaces/" + namespace + "/configmaps" + query, "application/json", "");
    }
}
