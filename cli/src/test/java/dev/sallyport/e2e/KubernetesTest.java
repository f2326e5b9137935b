package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.testing.kubernetes.Kubectl;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The control plane of a cluster as its users see it, with two replicas: objects go in, sidecars with bound tokens enforce them, and status says so. Every test has a policy of its own. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class KubernetesTest {
    @TempDir
    private static Path directory;

    private static Cluster cluster;
    private static XdsServerProcess first;
    private static XdsServerProcess second;

    @BeforeAll
    static void start() throws IOException {
        cluster = Cluster.start(directory, KubernetesOptions.DEFAULT);
        first = cluster.launch("xds-a");
        second = cluster.launch("xds-b");
        first.awaitReady();
        second.awaitReady();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static void policy(String name, String spec) {
        cluster.apply(document(name, spec));
    }

    private static String document(String name, String spec) {
        return "{apiVersion: sallyport.dev/v1alpha1, kind: EgressPolicy, metadata: {name: " + name
                + ", namespace: agents}, spec: " + spec + "}";
    }

    /** What a Secret's credential is put on. */
    private static String keyed(String host, String secret) {
        return "{host: " + host + ", credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: " + secret
                + ", key: token}}}]}";
    }

    private static JsonNode status(String policy) {
        return cluster.object("egp", policy).path("status");
    }

    private static String condition(String policy, String type) {
        return condition(status(policy), type);
    }

    /** {@code STATUS REASON: MESSAGE}. */
    private static String condition(JsonNode status, String type) {
        return StreamSupport.stream(status.path("conditions").spliterator(), false)
                .filter(condition -> condition.path("type").asText().equals(type))
                .map(condition -> condition.path("status").asText() + " "
                        + condition.path("reason").asText() + ": "
                        + condition.path("message").asText())
                .findFirst()
                .orElse("");
    }

    private static double both(String metric) {
        return first.metric(metric) + second.metric(metric);
    }

    @Test
    @DisplayName(
            "K8S-01 K8S-10 SEC-05 a policy, its Secret and a bound token: enforced and in status; a rotated Secret is used by the next request, one that is gone hurts its host alone, and it recovers")
    void enforcesWhatTheObjectsSay() throws Exception {
        cluster.apply(Machine.secret("whole", "token", Machine.KEY));
        policy("whole", "{hosts: [" + keyed("api.example.com", "whole") + ", {host: b.example.com}]}");
        cluster.pod("whole", "whole");
        TestSidecar sidecar = cluster.sidecar("whole", "whole");
        App app = cluster.app("whole", sidecar);

        assertThat(app.get("api.example.com", "/e").body()).contains("x-api-key: " + Machine.KEY);
        assertThat(app.connect("other.example.com:443").status()).isEqualTo(403);
        eventually(() -> assertThat(cluster.kubectl("get", "egp", "-A"))
                .containsPattern("agents +whole +Restricted +2 +True +True +1/1 "));

        cluster.apply(Machine.secret("whole", "token", "sk-rotated"));
        eventually(() -> assertThat(app.get("api.example.com", "/e").body()).contains("x-api-key: sk-rotated"));

        cluster.kubectl("delete", "secret", "whole", "-n", "agents");
        eventually(() -> assertThat(app.get("api.example.com", "/").status()).isEqualTo(500));
        assertThat(app.get("b.example.com", "/").status()).isEqualTo(200);
        eventually(() -> assertThat(condition("whole", "CredentialsReady"))
                .startsWith("False ")
                .contains("api.example.com", "x-api-key", "whole", "token")
                .doesNotContain("sk-rotated"));

        cluster.apply(Machine.secret("whole", "token", "sk-again"));
        eventually(() -> assertThat(app.get("api.example.com", "/e").body()).contains("x-api-key: sk-again"));
        eventually(() -> assertThat(condition("whole", "CredentialsReady")).startsWith("True "));
        assertThat(sidecar.errors()).isEmpty();
    }

    @Test
    @DisplayName("ID-10 the stream of a Pod that is deleted ends and is counted out; its neighbour goes on")
    void endsTheStreamOfAPodThatIsGone() throws Exception {
        policy("gone", "{hosts: [{host: api.example.com}]}");
        cluster.pod("gone-1", "gone");
        cluster.pod("gone-2", "gone");
        TestSidecar dead = cluster.sidecar("gone-1", "gone");
        App app = cluster.app("gone-2", cluster.sidecar("gone-2", "gone"));
        eventually(() -> assertThat(status("gone").path("programmed").asText()).isEqualTo("2/2"));
        double refused = both("sallyport_xds_refused_total");
        cluster.deletePod("gone-1");
        eventually(() -> assertThat(status("gone").path("programmed").asText()).isEqualTo("1/1"));
        eventually(() ->
                assertThat(status("gone").at("/sidecars/connected").asInt()).isEqualTo(1));
        // It comes again, with a token that opens nothing.
        within(
                Duration.ofSeconds(40),
                () -> assertThat(both("sallyport_xds_refused_total")).isGreaterThan(refused));
        assertThat(dead.isAlive()).isTrue();
        assertThat(app.get("api.example.com", "/").status()).isEqualTo(200);
    }

    @Test
    @DisplayName(
            "K8S-09 a policy that the CRD lets through and the compiler does not: every problem in status and in an Event, its workload denies everything, and a repaired one is in force again")
    void deniesEverythingUnderAPolicyThatDoesNotCompile() throws Exception {
        policy("broken", "{hosts: [{host: api.example.com}]}");
        policy("sound", "{hosts: [{host: api.example.com}]}");
        cluster.pod("broken", "broken");
        cluster.pod("sound", "sound");
        App app = cluster.app("broken", cluster.sidecar("broken", "broken"));
        App neighbour = cluster.app("sound", cluster.sidecar("sound", "sound"));
        assertThat(app.get("api.example.com", "/").status()).isEqualTo(200);

        policy(
                "broken",
                "{hosts: [{host: api.example.com}, {host: API.example.com}, {host: b.example.com}, {host: b.example.com.}]}");
        eventually(() -> assertThat(condition("broken", "Accepted"))
                .startsWith("False ")
                .contains("spec.hosts[1].host", "spec.hosts[3].host"));
        JsonNode object = cluster.object("egp", "broken");
        assertThat(object.at("/status/observedGeneration").asLong())
                .isEqualTo(object.at("/metadata/generation").asLong());
        eventually(() -> assertThat(app.connect("api.example.com:443").status()).isEqualTo(403));
        eventually(() -> assertThat(cluster.kubectl("get", "events", "-n", "agents"))
                .containsPattern("NotAccepted +egresspolicy/broken"));
        assertThat(neighbour.get("api.example.com", "/").status()).isEqualTo(200);

        policy("broken", "{hosts: [{host: api.example.com}]}");
        eventually(() -> assertThat(condition("broken", "Accepted")).startsWith("True "));
        eventually(() -> assertThat(app.get("api.example.com", "/").status()).isEqualTo(200));
    }

    @Test
    @DisplayName("K8S-11 a live Pod whose sidecar is not connected keeps its policy from being programmed")
    void countsLivePodsAndNotSidecars() {
        policy("waiting", "{hosts: [{host: api.example.com}]}");
        cluster.pod("waiting", "waiting");
        eventually(() -> assertThat(condition("waiting", "Programmed")).startsWith("False Pending: 0 of 1 live Pods"));
        cluster.deletePod("waiting");
        eventually(() -> assertThat(condition("waiting", "Programmed")).startsWith("True "));
    }

    @Test
    @DisplayName("K8S-12 what is applied again is written nowhere")
    void writesNothingForWhatIsAppliedAgain() {
        policy("same", "{hosts: [{host: api.example.com}]}");
        eventually(() -> assertThat(condition("same", "TrustReady")).startsWith("True "));
        eventually(() -> assertThat(condition("same", "Programmed")).startsWith("True "));
        String before = versions();
        policy("same", "{hosts: [{host: api.example.com}]}");
        // What comes later is written, so what came before was looked at.
        policy("same-after", "{hosts: [{host: api.example.com}]}");
        eventually(() -> assertThat(condition("same-after", "Programmed")).startsWith("True "));
        assertThat(versions()).isEqualTo(before);
    }

    private static String versions() {
        return String.join(
                " ",
                version("egp", "same"),
                version("configmap", "sallyport-trust-same"),
                version("networkpolicy", "sallyport-same"));
    }

    private static String version(String kind, String name) {
        return cluster.object(kind, name).at("/metadata/resourceVersion").asText();
    }

    @Test
    @DisplayName(
            "K8S-15 access and capture of a policy do not change, nor is it deleted and made anew under a running Pod; its egress stays as it is")
    void keepsAccessUnderARunningPod() {
        policy("none", "{access: None}");
        policy("open", "{access: Unrestricted}");
        policy("proxy", "{capture: Proxy, hosts: [{host: api.example.com}]}");
        cluster.podWithoutSidecar("none", "none");
        eventually(() -> assertThat(egress("none")).isEqualTo("[]"));
        eventually(() -> assertThat(egress("open")).isNotEmpty());
        String open = egress("open");
        for (String[] change : new String[][] {
            {"none", "{access: Restricted, hosts: [{host: api.example.com}]}"},
            {"open", "{access: Restricted, hosts: [{host: api.example.com}]}"},
            {"proxy", "{capture: Redirect, hosts: [{host: api.example.com}]}"}
        }) {
            Kubectl.Outcome outcome = cluster.kubernetes()
                    .kubectlWithInput(document(change[0], change[1]), "apply", "--server-side", "-f", "-");
            assertThat(outcome.exitCode()).as(outcome.output()).isNotZero();
            assertThat(outcome.output()).contains("cannot be changed");
        }
        // The finalizer keeps it as long as the Pod is there, so that no other takes its name.
        cluster.kubectl("delete", "egp", "none", "-n", "agents", "--wait=false");
        Kubectl.Outcome anew =
                cluster.kubernetes().kubectlWithInput(document("none", "{access: Restricted}"), "create", "-f", "-");
        assertThat(anew.exitCode()).as(anew.output()).isNotZero();
        assertThat(egress("none")).isEqualTo("[]");
        assertThat(egress("open")).isEqualTo(open);
        cluster.deletePod("none");
        eventually(
                () -> assertThat(cluster.object("egp", "none").isMissingNode()).isTrue());
    }

    @Test
    @DisplayName(
            "SEC-12 no value of a Secret is in a log, a metric, a status, an Event, or any object that the control plane writes; nor a private key or a token")
    void writesNoSecretAnywhere() throws Exception {
        String key = "sk-canary-7f3a9c2e5b";
        cluster.apply(Machine.secret("canary", "token", key));
        policy("canary", "{hosts: [" + keyed("api.example.com", "canary") + "]}");
        cluster.pod("canary", "canary");
        App app = cluster.app("canary", cluster.sidecar("canary", "canary"));
        assertThat(app.get("api.example.com", "/e").body()).contains(key);
        cluster.apply(Machine.secret("canary", "token", key + "\n\n" + key));
        eventually(() -> assertThat(condition("canary", "CredentialsReady")).startsWith("False "));
        String written =
                cluster.kubectl("get", "egp,configmaps,networkpolicies,services,events,leases", "-A", "-o", "yaml");
        String said = first.log() + second.log() + first.metrics() + second.metrics();
        assertThat(written).contains("sallyport-trust-canary", "CredentialUnusable");
        for (String secret :
                List.of(key, base64(key), "PRIVATE KEY", cluster.token("canary").substring(0, 40))) {
            assertThat(written).doesNotContain(secret);
            assertThat(said).doesNotContain(secret);
        }
        // The same look finds it where it is.
        assertThat(cluster.kubectl("get", "secrets", "-A", "-o", "yaml"))
                .contains(base64(key).substring(0, 20));
    }

    private static String base64(String text) {
        return Base64.getEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName(
            "a namespace whose Secrets may not be read: status names verb, resource and namespace, nothing else is hurt, and it comes right by itself")
    void tellsWhichRightIsMissing() {
        cluster.apply("{apiVersion: v1, kind: Namespace, metadata: {name: unbound}}");
        cluster.apply(Machine.secret("api", "token", Machine.KEY).replace("namespace: agents", "namespace: unbound"));
        cluster.apply(document("p", "{hosts: [" + keyed("api.example.com", "api") + ", {host: b.example.com}]}")
                .replace("namespace: agents", "namespace: unbound"));
        within(
                Duration.ofSeconds(40),
                () -> assertThat(condition(cluster.object("egp", "unbound", "p").path("status"), "CredentialsReady"))
                        .contains("api.example.com", "cannot list secrets in namespace unbound"));
        assertThat(first.readiness()).startsWith("200");
        assertThat(second.readiness()).startsWith("200");
        cluster.apply("""
                {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: sallyport-secret-reader, namespace: unbound},
                 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sallyport-secret-reader},
                 subjects: [{kind: ServiceAccount, name: sallyport-xds-server, namespace: sallyport-system}]}
                """);
        within(
                Duration.ofSeconds(90),
                () -> assertThat(cluster.kubectl("get", "egp", "-n", "unbound"))
                        .containsPattern("p +Restricted +2 +True +True "));
    }

    @Test
    @DisplayName("docs/METRICS.md has every metric of a replica")
    void documentsEveryMetric() throws IOException {
        String documented = Files.readString(Path.of("..", "docs", "METRICS.md"));
        assertThat(Pattern.compile("(?m)^# TYPE (sallyport_\\S+) ")
                        .matcher(first.metrics())
                        .results())
                .hasSizeGreaterThan(20)
                .allSatisfy(found ->
                        assertThat(documented).contains("`" + found.group(1).replaceFirst("_max$", "") + "`"));
    }

    private static String egress(String policy) {
        JsonNode object = cluster.object("networkpolicy", "sallyport-" + policy);
        return object.isMissingNode()
                ? ""
                : object.at("/spec/egress").isMissingNode()
                                && object.at("/spec/policyTypes").toString().equals("[\"Egress\"]")
                        ? "[]"
                        : object.at("/spec/egress").toString();
    }
}
