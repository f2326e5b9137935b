package dev.sallyport.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.testing.kubernetes.ApiReply;
import dev.sallyport.testing.kubernetes.Kubectl;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Installing as docs/OPERATIONS.md says, on an API server that has nothing of ours. */
class InstallTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAMESPACE = SystemCluster.NAMESPACE;
    private static final Path MANIFESTS =
            SystemCluster.MANIFESTS.toAbsolutePath().normalize();

    private static KubernetesCluster cluster;
    private static String first = "";

    @BeforeAll
    static void install() {
        cluster = KubernetesCluster.start(KubernetesOptions.DEFAULT);
        first = kubectl("apply", "-k", MANIFESTS.toString());
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void oneCommandInstallsEverythingWithoutAWarning() {
        assertThat(first).doesNotContainIgnoringCase("warning");
        assertThat(first.lines()).allMatch(line -> line.endsWith(" created"));
        assertThat(first)
                .contains("egresspolicies.sallyport.dev created", "deployment.apps/sallyport-xds-server created");
    }

    @Test
    void theSameFilesCanBeAppliedOneDirectoryAfterTheOther() {
        String again = kubectl(
                "apply",
                "-f",
                MANIFESTS.resolve("crd").toString(),
                "-f",
                MANIFESTS.resolve("system").toString(),
                "-f",
                MANIFESTS.resolve("admission").toString());
        assertThat(again.lines())
                .hasSameSizeAs(first.lines().toList())
                .allMatch(line -> line.endsWith(" unchanged") || line.endsWith(" configured"));
    }

    @Test
    void everyFileIsInTheKustomizationButWhatIsAppliedByItself() throws IOException {
        String kustomization = Files.readString(MANIFESTS.resolve("kustomization.yaml"));
        try (Stream<Path> files = Files.walk(MANIFESTS, 2)) {
            assertThat(files.map(MANIFESTS::relativize)
                            .filter(file -> file.getNameCount() == 2)
                            .filter(file -> !file.startsWith("optional") && !file.startsWith("injector"))
                            .map(file -> "\n- " + file + "\n"))
                    .allMatch(kustomization::contains);
        }
        assertThat(kustomization).doesNotContain("- optional", "- injector");
    }

    @Test
    void podsOfTheControlPlaneMayRunInTheirNamespace() {
        JsonNode template = object("deployment", "sallyport-xds-server").at("/spec/template");
        ApiReply reply = dryRun(template);
        assertThat(reply.status()).as(reply.body()).isEqualTo(201);
        assertThat(reply.warnings()).isEmpty();
        ObjectNode root = template.deepCopy();
        ((ObjectNode) root.at("/spec/securityContext"))
                .put("runAsNonRoot", false)
                .put("runAsUser", 0);
        assertThat(dryRun(root).status()).as("as root").isEqualTo(403);
    }

    @Test
    void settingsAreOptional() {
        JsonNode volumes = object("deployment", "sallyport-xds-server").at("/spec/template/spec/volumes");
        assertThat(volumes).anySatisfy(volume -> {
            assertThat(volume.at("/configMap/name").asText()).isEqualTo("sallyport-settings");
            assertThat(volume.at("/configMap/optional").asBoolean()).isTrue();
        });
    }

    @Test
    void networkPoliciesOfWorkloadsLeadToThePodsOfTheControlPlane() {
        ClusterSettings.ControlPlane wanted = ClusterSettings.DEFAULT.controlPlane();
        JsonNode deployment = object("deployment", "sallyport-xds-server");
        assertThat(wanted.pods().namespace()).isEqualTo(NAMESPACE);
        assertThat(strings(deployment.at("/spec/template/metadata/labels")))
                .containsAllEntriesOf(wanted.pods().labels());
        assertThat(deployment.at("/spec/template/spec/containers/0/ports")).anySatisfy(port -> {
            assertThat(port.path("name").asText()).isEqualTo("xds");
            assertThat(port.path("containerPort").asInt()).isEqualTo(wanted.port());
        });
        assertThat(object("service", "sallyport-xds").at("/spec/ports/0/port").asInt())
                .isEqualTo(wanted.port());
    }

    @Test
    void theControlPlaneIsReachedBySidecarsAndReachesTheApiServerOnly() {
        JsonNode spec = object("networkpolicy", "sallyport-xds-server").path("spec");
        assertThat(strings(spec.at("/podSelector/matchLabels")))
                .isEqualTo(strings(object("deployment", "sallyport-xds-server").at("/spec/selector/matchLabels")));
        assertThat(spec.path("policyTypes").toString()).isEqualTo("[\"Ingress\",\"Egress\"]");
        assertThat(spec.path("ingress")).hasSize(2);
        assertThat(spec.at("/ingress/0").toString())
                .isEqualTo(
                        "{\"from\":[{\"namespaceSelector\":{},\"podSelector\":{\"matchExpressions\":[{\"key\":\"sallyport.dev/policy\",\"operator\":\"Exists\"}]}}],\"ports\":[{\"port\":18000,\"protocol\":\"TCP\"}]}");
        assertThat(spec.at("/ingress/1").toString()).isEqualTo("{\"ports\":[{\"port\":9090,\"protocol\":\"TCP\"}]}");
        assertThat(spec.path("egress").toString())
                .isEqualTo("[{\"ports\":[{\"port\":443,\"protocol\":\"TCP\"},{\"port\":6443,\"protocol\":\"TCP\"}]}]");
    }

    private static ApiReply dryRun(JsonNode template) {
        ObjectNode pod = template.deepCopy();
        pod.put("apiVersion", "v1").put("kind", "Pod");
        ((ObjectNode) pod.path("metadata")).put("generateName", "xds-");
        return cluster.send(
                "POST", "/api/v1/namespaces/" + NAMESPACE + "/pods?dryRun=All", "application/json", pod.toString());
    }

    private static JsonNode object(String kind, String name) {
        try {
            return JSON.readTree(kubectl("-n", NAMESPACE, "get", kind, name, "-o", "json"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new TreeMap<>();
        object.properties()
                .forEach(field -> strings.put(field.getKey(), field.getValue().asText()));
        return strings;
    }

    private static String kubectl(String... arguments) {
        Kubectl.Outcome outcome = cluster.kubectl(arguments);
        assertThat(outcome.exitCode())
                .as(List.of(arguments) + ": " + outcome.output())
                .isZero();
        return outcome.output();
    }
}
