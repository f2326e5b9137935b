package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReplicaReportsTest {
    private static final PolicyId ID = new PolicyId("agents", "p");
    private static final PolicyId OTHER = new PolicyId("agents", "q");
    private static final ObjectMapper JSON = new ObjectMapper();

    private static SystemCluster system;

    private final List<ReportingReplica> replicas = new ArrayList<>();

    @BeforeAll
    static void start() {
        system = new SystemCluster(KubernetesOptions.DEFAULT.withAudit());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @AfterEach
    void end() {
        replicas.forEach(ReportingReplica::die);
        system.cluster()
                .client()
                .configMaps()
                .inNamespace(SystemCluster.NAMESPACE)
                .delete();
    }

    private ReportingReplica replica(String name) {
        ReportingReplica replica = new ReportingReplica(system, name);
        replicas.add(replica);
        return replica;
    }

    private static Resource<ConfigMap> object(String replica) {
        return system.cluster()
                .client()
                .configMaps()
                .inNamespace(SystemCluster.NAMESPACE)
                .withName("sallyport-replica-" + replica);
    }

    @Test
    @DisplayName(
            "K8S-13 each replica counts the sidecars of all, at once those of its own, and no longer those of one that ends")
    void replicasSeeEachOthersSidecars() {
        ReportingReplica a = replica("a");
        ReportingReplica b = replica("b");
        a.holds(ID, "x");
        eventually(() -> assertThat(a.sidecars(ID)).containsExactly("x"));
        b.holds(ID, "y");
        eventually(() -> assertThat(a.sidecars(ID)).containsExactly("x", "y"));
        eventually(() -> assertThat(b.sidecars(ID)).containsExactly("x", "y"));
        assertThat(a.changes()).contains(ID).doesNotContain(OTHER);
        a.holds(OTHER, "z");
        eventually(() -> assertThat(b.sidecars(OTHER)).containsExactly("z"));
        eventually(() -> assertThat(b.sidecars(ID)).containsExactly("y"));
        eventually(() -> assertThat(b.changes()).contains(OTHER));
        assertThat(object("b").get().getMetadata().getLabels())
                .containsEntry("app.kubernetes.io/managed-by", "sallyport")
                .containsKey("sallyport.dev/replica");
        b.close();
        assertThat(object("b").get()).isNull();
        eventually(() -> assertThat(a.sidecars(ID)).isEmpty());
        eventually(() -> assertThat(a.changes()).contains(ID));
    }

    @Test
    @DisplayName("K8S-13 a replica that is killed counts for 10 s and no longer, whatever happens to its object")
    void aDeadReplicaCountsNoLonger() {
        ReportingReplica a = replica("a");
        ReportingReplica b = replica("b");
        a.holds(ID, "x");
        b.holds(ID, "y");
        eventually(() -> assertThat(a.sidecars(ID)).containsExactly("x", "y"));
        // What it wrote last has arrived, and nothing more is on its way.
        b.die();
        a.pass(FleetView.VOID_AFTER);
        eventually(() -> assertThat(a.sidecars(ID)).containsExactly("x"));
        object("b")
                .edit(there -> new ConfigMapBuilder(there)
                        .editMetadata()
                        .addToAnnotations("note", "an edit is no sign of life")
                        .endMetadata()
                        .build());
        a.holds(ID, "x2");
        eventually(() -> assertThat(a.sidecars(ID)).containsExactly("x2"));
        ReportingReplica again = replica("b");
        again.holds(ID, "y");
        eventually(() -> assertThat(a.sidecars(ID)).containsExactly("x2", "y"));
    }

    @Test
    void theObjectOfADeadReplicaIsDeletedAfterMinutes() {
        ReportingReplica a = replica("a");
        ReportingReplica b = replica("b");
        b.holds(ID, "y");
        eventually(() -> assertThat(a.sidecars(ID)).containsExactly("y"));
        b.die();
        a.pass(ReportWriter.DEAD_AFTER.minus(ReportWriter.HEARTBEAT));
        String beat = beat("a");
        eventually(() -> assertThat(beat("a")).isNotEqualTo(beat));
        assertThat(object("b").get()).isNotNull();
        a.pass(ReportWriter.HEARTBEAT);
        eventually(() -> assertThat(object("b").get()).isNull());
        assertThat(object("a").get()).isNotNull();
    }

    private static String beat(String replica) {
        return String.valueOf(
                object(replica).get().getMetadata().getAnnotations().get(ReportObject.BEAT));
    }

    @Test
    void whatIsOfAnotherVersionOrMalformedIsNotCountedAndHurtsNobody() {
        ConfigMap odd = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("sallyport-replica-odd")
                .addToLabels(ReportObject.LABEL, "report")
                .addToAnnotations(ReportObject.BEAT, "1")
                .endMetadata()
                .withBinaryData(Map.of("report.json.gz", "bm90IGd6aXA="))
                .build();
        ConfigMap unrelated = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("something-else")
                .addToLabels(ReportObject.LABEL, "report")
                .endMetadata()
                .build();
        for (ConfigMap configMap : List.of(odd, unrelated)) {
            system.cluster()
                    .client()
                    .configMaps()
                    .inNamespace(SystemCluster.NAMESPACE)
                    .resource(configMap)
                    .create();
        }
        ReportingReplica a = replica("a");
        ReportingReplica b = replica("b");
        b.holds(ID, "y");
        eventually(() -> assertThat(a.sidecars(ID)).containsExactly("y"));
        assertThat(a.problem()).isEmpty();
    }

    @Test
    void writesAtMostOnceASecondAndNothingButHeartbeatsWhenNothingChanges() {
        ReportingReplica a = replica("paced");
        long before = a.written("report");
        eventually(() -> {
            a.holds(ID, "pod-" + System.nanoTime());
            assertThat(a.written("report") - before).isGreaterThanOrEqualTo(4);
        });
        List<Instant> times = writes("sallyport-replica-paced");
        assertThat(times).hasSizeGreaterThanOrEqualTo(4);
        for (int i = 1; i < times.size(); i++) {
            assertThat(Duration.between(times.get(i - 1), times.get(i))).isGreaterThan(Duration.ofMillis(800));
        }
        a.holds(ID, "steady");
        eventually(() -> assertThat(a.written("heartbeat")).isPositive());
        double reports = a.written("report");
        double heartbeats = a.written("heartbeat");
        Map<String, String> bytes = object("paced").get().getBinaryData();
        String beat = beat("paced");
        eventually(() -> assertThat(a.written("heartbeat")).isGreaterThan((long) heartbeats));
        assertThat(a.written("report")).isEqualTo((long) reports);
        assertThat(object("paced").get().getBinaryData()).isEqualTo(bytes);
        assertThat(beat("paced")).isNotEqualTo(beat);
    }

    /** When the API server was asked to write that object. */
    private static List<Instant> writes(String name) {
        try {
            List<Instant> times = new ArrayList<>();
            for (String line : Files.readAllLines(system.cluster().auditLog().orElseThrow())) {
                JsonNode event = JSON.readTree(line);
                if (event.at("/objectRef/name").asText().equals(name)
                        && List.of("create", "patch", "update")
                                .contains(event.path("verb").asText())
                        && event.at("/responseStatus/code").asInt() < 300) {
                    times.add(
                            Instant.parse(event.path("requestReceivedTimestamp").asText()));
                }
            }
            times.sort(null);
            return times;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anObjectThatSomebodyDeletesIsWrittenAnew() {
        ReportingReplica a = replica("a");
        a.holds(ID, "x");
        eventually(() -> assertThat(a.written("report")).isPositive());
        object("a").delete();
        eventually(() -> assertThat(object("a").get()).isNotNull());
        ReportingReplica b = replica("b");
        eventually(() -> assertThat(b.sidecars(ID)).containsExactly("x"));
    }

    @Test
    void somebodyElsesObjectOfTheNameIsLeftAlone() {
        ConfigMap theirs = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("sallyport-replica-a")
                .endMetadata()
                .withData(Map.of("theirs", "1"))
                .build();
        system.cluster()
                .client()
                .configMaps()
                .inNamespace(SystemCluster.NAMESPACE)
                .resource(theirs)
                .create();
        ReportingReplica a = replica("a");
        eventually(
                () -> assertThat(a.problem())
                        .hasValueSatisfying(
                                line -> assertThat(line)
                                        .startsWith(
                                                "ConfigMap sallyport-system/sallyport-replica-a: exists without the labels of a report")));
        a.close();
        assertThat(object("a").get().getData()).containsEntry("theirs", "1");
        assertThat(object("a").get().getBinaryData()).isEmpty();
    }

    @Test
    void whileTheApiServerIsAwaySilenceIsNobodysFault() {
        try (SystemCluster own = new SystemCluster(KubernetesOptions.DEFAULT)) {
            ReportingReplica a = new ReportingReplica(own, "a");
            ReportingReplica b = new ReportingReplica(own, "b");
            replicas.add(a);
            replicas.add(b);
            b.holds(ID, "y");
            eventually(() -> assertThat(a.sidecars(ID)).containsExactly("y"));
            own.cluster().apiServer().kill();
            eventually(() -> assertThat(a.problem()).isPresent());
            for (int i = 0; i < 3; i++) {
                a.awaitTick();
                a.pass(FleetView.VOID_AFTER.minusSeconds(1));
            }
            a.awaitTick();
            assertThat(a.sidecars(ID)).containsExactly("y");
            own.cluster().apiServer().start();
            eventually(() -> assertThat(a.problem()).isEmpty());
            b.holds(ID, "y2");
            eventually(() -> assertThat(a.sidecars(ID)).containsExactly("y2"));
            b.die();
            a.pass(FleetView.VOID_AFTER);
            eventually(() -> assertThat(a.sidecars(ID)).isEmpty());
            a.die();
        }
    }

    @Test
    void whySidecarsRefuseIsToldToAll() {
        ReportingReplica a = replica("a");
        ReportingReplica b = replica("b");
        b.reports(new ReplicaReport.Connected(
                ID, "x", new ReplicaReport.Held(Optional.of("r1"), Optional.of("listener tls/443: no such filter"))));
        eventually(() -> assertThat(a.fleet().sidecars(ID, "r2").get("x"))
                .isEqualTo(new ReplicaReport.Held(Optional.of("r1"), Optional.of("listener tls/443: no such filter"))));
    }
}
