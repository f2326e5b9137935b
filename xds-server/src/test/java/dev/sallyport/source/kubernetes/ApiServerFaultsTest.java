package dev.sallyport.source.kubernetes;

import static dev.sallyport.source.kubernetes.Sources.delete;
import static dev.sallyport.source.kubernetes.Sources.policy;
import static dev.sallyport.source.kubernetes.Sources.secret;
import static dev.sallyport.source.kubernetes.Sources.spec;
import static dev.sallyport.source.kubernetes.Sources.value;
import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sources make of an API server that goes away, freezes and forgets. */
class ApiServerFaultsTest {
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
    void begin() {
        namespace = cluster.namespace(getClass());
        Sources.letReadSecrets(cluster, namespace);
        policy(cluster, namespace, "p", spec("keys"));
        policy(cluster, namespace, "q", spec("gone"));
        secret(cluster, namespace, "keys", "one");
        secret(cluster, namespace, "gone", "one");
        sources.started();
        eventually(() -> assertThat(sources.credential(namespace, "keys")).isEqualTo(value("one")));
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

    private void changeEverything() {
        secret(cluster, namespace, "keys", "two");
        delete(cluster, "/api/v1/namespaces/" + namespace + "/secrets/gone");
        delete(cluster, "/apis/sallyport.dev/v1alpha1/namespaces/" + namespace + "/egresspolicies/q");
    }

    private void everythingIsKnown() {
        eventually(() -> {
            assertThat(sources.credential(namespace, "keys")).isEqualTo(value("two"));
            assertThat(sources.document(namespace, "q")).isEmpty();
            assertThat(sources.missing(namespace, "gone")).contains("does not exist");
            assertThat(sources.state().problems()).isEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName(
            "FAULT-04 an API server that stops or crashes and comes back: what was read stays, and nothing is missed")
    void comesBack(boolean crash) {
        if (crash) {
            cluster.apiServer().kill();
        } else {
            cluster.apiServer().stop();
        }
        eventually(() -> assertThat(sources.state().problems()).isNotEmpty());
        assertThat(sources.credential(namespace, "keys")).isEqualTo(value("one"));
        assertThat(sources.document(namespace, "q")).isPresent();
        assertThat(sources.state().problems())
                .allSatisfy(line -> assertThat(line).endsWith("; what was read last stays in force"));
        cluster.apiServer().start();
        changeEverything();
        everythingIsKnown();
    }

    @Test
    @DisplayName("FAULT-04 a restart after a compaction, which answers 410, is relisted")
    void isToldThatItsVersionIsGone() {
        // The watch's own version falls behind, and is forgotten.
        cluster.apiServer().pause();
        cluster.apiServer().kill();
        cluster.apiServer().start();
        changeEverything();
        cluster.compactEtcd();
        cluster.apiServer().restart();
        everythingIsKnown();
    }

    @Test
    @DisplayName("FAULT-04 a frozen API server is found out, and what happened meanwhile is known when it thaws")
    void findsAFrozenServer() {
        cluster.apiServer().pause();
        try {
            eventually(() -> assertThat(sources.state().problems()).isNotEmpty());
            assertThat(sources.credential(namespace, "keys")).isEqualTo(value("one"));
        } finally {
            cluster.apiServer().resume();
        }
        changeEverything();
        everythingIsKnown();
    }

    @Test
    void aCompactionAloneIsNotNoticed() {
        int before = sources.states.size();
        cluster.compactEtcd();
        secret(cluster, namespace, "keys", "two");
        eventually(() -> assertThat(sources.credential(namespace, "keys")).isEqualTo(value("two")));
        assertThat(sources.states).hasSize(before + 1);
    }

    @Test
    void watchesThatEndInTimeAreNoNews() {
        int before = sources.states.size();
        // Over the end of a watch of 4 s.
        eventually(() -> assertThat(ageOfPods()).isGreaterThan(Duration.ofMillis(1_500)));
        eventually(() -> assertThat(ageOfPods()).isLessThan(Duration.ofMillis(500)));
        assertThat(sources.states).hasSize(before);
    }

    private Duration ageOfPods() {
        return Objects.requireNonNull(sources.health.ages().get(new SourceHealth.Watched("pods", "")));
    }
}
