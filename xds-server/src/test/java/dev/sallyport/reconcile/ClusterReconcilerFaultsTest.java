package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.kubernetes.KubernetesObjects;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceThread;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClusterReconcilerFaultsTest {
    private static final String POLICY = "{hosts: [{host: a.example.com}]}";

    private static ReconcilerCluster cluster;

    private final List<Replica> replicas = new ArrayList<>();
    private String namespace = "";

    @BeforeAll
    static void start() {
        cluster = new ReconcilerCluster(KubernetesOptions.DEFAULT.withAudit());
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void prepare() {
        namespace = cluster.namespace(getClass());
    }

    @AfterEach
    void end() {
        replicas.forEach(Replica::close);
    }

    private Replica start(String name) {
        Replica replica = cluster.replica(name);
        replicas.add(replica);
        return replica.started();
    }

    @Test
    @DisplayName("K8S-13 of two replicas one writes; it is killed, and the other goes on with what it finds")
    void theOtherGoesOn() {
        Replica first = start("replica-1");
        eventually(() -> assertThat(first.reconciler.isLeader()).isTrue());
        Replica second = start("replica-2");
        cluster.policy(namespace, "p", POLICY);
        eventually(() -> assertThat(condition("p", "TrustReady")).startsWith("True"));
        eventually(() ->
                assertThat(second.loop.status(new PolicyId(namespace, "p"))).isPresent());
        assertThat(second.reconciler.isLeader()).isFalse();
        assertThat(writes(first)).isPositive();
        assertThat(writes(second)).isZero();

        first.kill();
        cluster.kubectl(namespace, "delete", "networkpolicy/sallyport-p");
        cluster.policy(namespace, "q", POLICY);
        String versions = cluster.versions(namespace);
        eventually(() -> assertThat(condition("q", "TrustReady")).startsWith("True"));
        eventually(() -> assertThat(networkPolicy("p").isMissingNode()).isFalse());
        assertThat(second.reconciler.isLeader()).isTrue();
        // What was as it should be was not written by the second.
        assertThat(versions.lines().filter(line -> line.startsWith("ConfigMap/") || line.startsWith("EgressPolicy/p")))
                .isNotEmpty()
                .isSubsetOf(cluster.versions(namespace).lines().toList());
    }

    private static double writes(Replica replica) {
        return replica.meters.find("sallyport.kubernetes.writes").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    @Test
    @DisplayName("K8S-13 a replica that ends gives the Lease up at once")
    void aReplicaThatEndsGivesTheLeaseUp() {
        Replica first = start("replica-1");
        eventually(() -> assertThat(first.reconciler.isLeader()).isTrue());
        first.close();
        assertThat(cluster.system
                        .cluster()
                        .client()
                        .leases()
                        .inNamespace(SystemCluster.NAMESPACE)
                        .withName(LeaseRecord.NAME)
                        .get()
                        .getSpec()
                        .getHolderIdentity())
                .isNull();
    }

    @Test
    @DisplayName("FAULT-04 the API server is stopped and started: what happened around it is put right")
    void theApiServerIsStopped() {
        Replica replica = start("replica-1");
        cluster.policy(namespace, "p", POLICY);
        eventually(() -> assertThat(condition("p", "TrustReady")).startsWith("True"));
        cluster.system.cluster().apiServer().kill();
        eventually(() -> assertThat(replica.reconciler.isLeader()).isFalse());
        replica.reconciler.changed(new PolicyId(namespace, "p"));
        eventually(() -> assertThat(replica.reconciler.problems())
                .anyMatch(line -> line.contains("leases in namespace sallyport-system")));
        cluster.system.cluster().apiServer().start();
        cluster.kubectl(namespace, "delete", "networkpolicy/sallyport-p");
        cluster.policy(namespace, "q", POLICY);
        eventually(() -> assertThat(networkPolicy("p").isMissingNode()).isFalse());
        eventually(() -> assertThat(condition("q", "TrustReady")).startsWith("True"));
        eventually(() -> assertThat(replica.reconciler.problems()).isEmpty());
    }

    @Test
    @DisplayName("K8S-01 rights that are missing are named, the rest goes on, and they are used when they are there")
    void missingRightsAreNamed() {
        changeRole(
                "{\"op\":\"test\",\"path\":\"/rules/4/resources/0\",\"value\":\"networkpolicies\"}",
                "{\"op\":\"replace\",\"path\":\"/rules/4/resources/0\",\"value\":\"none\"}");
        try {
            Replica replica = start("replica-1");
            cluster.policy(namespace, "p", POLICY);
            eventually(() -> assertThat(condition("p", "TrustReady"))
                    .contains("cannot get networkpolicies in namespace " + namespace + " (sallyport-p): not allowed"));
            assertThat(cluster.trust(namespace, "p").isMissingNode()).isFalse();
            assertThat(replica.reconciler.problems())
                    .anyMatch(line -> line.startsWith("cannot list networkpolicies: "))
                    .anyMatch(line -> line.startsWith("cannot get networkpolicies in namespace " + namespace));
        } finally {
            changeRole("{\"op\":\"replace\",\"path\":\"/rules/4/resources/0\",\"value\":\"networkpolicies\"}");
        }
        eventually(() -> assertThat(condition("p", "TrustReady")).startsWith("True"));
    }

    private static void changeRole(String... operations) {
        cluster.kubectl(
                "default",
                "patch",
                "clusterrole",
                "sallyport-xds-server",
                "--type=json",
                "--patch=[" + String.join(",", operations) + "]");
    }

    @Test
    @DisplayName("K8S-12 a watch that is late makes nobody write again, nor ask")
    void aLateWatchMakesNobodyWriteAgain() throws Exception {
        cluster.kubectl(namespace, "create", "configmap", "sallyport-trust-p", "--from-literal=key=0");
        cluster.kubectl(namespace, "label", "configmap", "sallyport-trust-p", ObjectNames.OURS);
        SourceThread thread = new SourceThread(Clock.systemUTC());
        SourceHealth health = new SourceHealth(Clock.systemUTC());
        ObjectRequests requests = new ObjectRequests(cluster.system.server());
        WatchedObjects live = new WatchedObjects(
                (query, reduce) -> new KubernetesObjects(query, cluster.system.server(), thread, health, reduce),
                LiveObjects.asking(requests),
                System::nanoTime);
        CountDownLatch late = new CountDownLatch(1);
        try (thread;
                live) {
            live.start();
            eventually(() -> assertThat(live.isSettled()).isTrue());
            // From here on the watch shows what was there before, whatever becomes of it.
            thread.execute(() -> waitFor(late));
            try {
                writeWhatIsWanted(new ObjectWriter(requests, live, () -> true, System::nanoTime));
            } finally {
                late.countDown();
            }
            ObjectKey key = ObjectKey.trust(new PolicyId(namespace, "p"));
            eventually(() -> assertThat(
                            live.find(key).orElseThrow().at("/data/key").toString())
                    .contains(Digest.of("3")));
        }
    }

    private void writeWhatIsWanted(ObjectWriter writer) {
        for (String value : List.of("1", "2")) {
            DesiredObject wanted = DesiredObject.of(configMap(value));
            assertThat(writer.apply(wanted)).isEqualTo(new Outcome.Written());
            assertThat(writer.apply(wanted)).isEqualTo(new Outcome.Unchanged());
        }
        DesiredObject last = DesiredObject.of(configMap("3"));
        assertThat(writer.delete(last.key())).isEqualTo(new Outcome.Written());
        assertThat(writer.delete(last.key())).isEqualTo(new Outcome.Unchanged());
        assertThat(writer.apply(last)).isEqualTo(new Outcome.Written());
        assertThat(writer.apply(last)).isEqualTo(new Outcome.Unchanged());
    }

    private ConfigMap configMap(String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("sallyport-trust-p")
                .withLabels(ObjectNames.labels(new PolicyId(namespace, "p")))
                .endMetadata()
                .withData(Map.of("key", value))
                .build();
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String condition(String policy, String type) {
        return cluster.condition(namespace, policy, type);
    }

    private JsonNode networkPolicy(String policy) {
        return cluster.networkPolicy(namespace, policy);
    }
}
