package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClusterReconcilerTest {
    private static final String POLICY =
            "{hosts: [{host: a.example.com, ports: [8443, 443]}, {host: \"*.b.example.com\", tls: Passthrough}], expose: [{name: http, port: 8080}]}";

    private static ReconcilerCluster cluster;

    private final Replica replica = newReplica();
    private String namespace = "";

    private static Replica newReplica() {
        return cluster.replica("replica-1");
    }

    @BeforeAll
    static void start() {
        cluster = new ReconcilerCluster(
                KubernetesOptions.DEFAULT.withControllers().withAudit());
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void prepare() {
        namespace = cluster.namespace(getClass());
        replica.started();
    }

    @AfterEach
    void end() {
        replica.close();
    }

    @Test
    @DisplayName(
            "K8S-01 K8S-06 K8S-08 K8S-12 a policy is applied: its objects and its status are there, and the same again writes nothing")
    void keepsWhatAPolicyNeeds() {
        cluster.policy(namespace, "p", POLICY);
        eventually(() -> assertThat(condition("TrustReady")).startsWith("True Applied"));
        assertThat(condition("Accepted")).startsWith("True AsWritten");
        assertThat(condition("CredentialsReady")).startsWith("True");
        assertThat(condition("Programmed")).startsWith("True AllCurrent: 0 of 0");
        assertThat(cluster.status(namespace, "p").path("serviceAddress").asText())
                .isEqualTo("p." + namespace + ".svc");
        assertThat(cluster.networkPolicy(namespace, "p").at("/spec/egress")).hasSize(3);
        assertThat(cluster.trust(namespace, "p").at("/data/bundle.pem").asText().length())
                .isGreaterThan(100_000);
        assertThat(cluster.get(namespace, "services", "p")
                        .at("/spec/ports/0/port")
                        .asInt())
                .isEqualTo(8080);
        assertThat(cluster.policy(namespace, "p").at("/metadata/finalizers").toString())
                .isEqualTo("[\"sallyport.dev/network-policy\"]");
        assertThat(cluster.kubectl(namespace, "get", "egp", "-A"))
                .containsPattern("NAMESPACE +NAME +ACCESS +HOSTS +ACCEPTED +CREDENTIALS +PROGRAMMED +AGE")
                .containsPattern(namespace + " +p +Restricted +2 +True +True +0/0 ");

        String versions = cluster.versions(namespace);
        long writes = cluster.writes(namespace);
        assertThat(writes).isBetween(5L, 8L);
        cluster.policy(namespace, "p", POLICY);
        double passes = passes();
        replica.reconciler.changed(new PolicyId(namespace, "p"));
        replica.reconciler.fleetChanged(List.of(new PolicyId(namespace, "p")));
        eventually(() -> assertThat(passes()).isGreaterThan(passes));
        // What is made after it shows that whatever was to be written has been.
        cluster.policy(namespace, "q", "{access: None}");
        eventually(() -> assertThat(cluster.networkPolicy(namespace, "q").isMissingNode())
                .isFalse());
        assertThat(versions.lines().toList())
                .isSubsetOf(cluster.versions(namespace).lines().toList());
        assertThat(cluster.networkPolicy(namespace, "q").at("/spec").has("egress"))
                .isFalse();
    }

    @Test
    @DisplayName(
            "K8S-02 K8S-03 K8S-07 every access has its NetworkPolicy; public roots only where something is passed through")
    void everyAccess() {
        cluster.policy(namespace, "none", "{access: None}");
        cluster.policy(namespace, "all", "{access: Unrestricted}");
        cluster.policy(namespace, "some", "{hosts: [{host: a.example.com}]}");
        eventually(() -> assertThat(List.of("none", "all", "some"))
                .allMatch(name -> cluster.status(namespace, name).has("conditions")));
        assertThat(cluster.networkPolicy(namespace, "none")
                        .at("/spec/policyTypes")
                        .toString())
                .isEqualTo("[\"Egress\"]");
        assertThat(cluster.networkPolicy(namespace, "none").at("/spec").has("egress"))
                .isFalse();
        assertThat(cluster.networkPolicy(namespace, "all").at("/spec/egress").toString())
                .contains("169.254.0.0/16", "fe80::/10", "100.100.100.200/32")
                .doesNotContain("ports");
        JsonNode trust = cluster.trust(namespace, "some");
        assertThat(trust.at("/data/bundle.pem").asText())
                .isEqualTo(trust.at("/data/ca.pem").asText());
    }

    @Test
    @DisplayName("K8S-04 what somebody edits or deletes is restored, without anything else having happened")
    void restores() {
        cluster.policy(namespace, "p", POLICY);
        eventually(() -> assertThat(condition("TrustReady")).startsWith("True"));
        String specs = specs();
        patch("networkpolicy", "sallyport-p", "{\"spec\":{\"egress\":[{}]}}");
        patch("configmap", "sallyport-trust-p", "{\"data\":{\"ca.pem\":\"mine\"}}");
        patch("service", "p", "{\"spec\":{\"selector\":{\"app\":\"other\"}}}");
        eventually(() -> assertThat(specs()).isEqualTo(specs));
        cluster.kubectl(namespace, "delete", "networkpolicy/sallyport-p", "configmap/sallyport-trust-p", "service/p");
        eventually(() -> assertThat(specs()).isEqualTo(specs));
        cluster.kubectl(namespace, "label", "networkpolicy/sallyport-p", "app.kubernetes.io/managed-by-");
        patch("networkpolicy", "sallyport-p", "{\"spec\":{\"egress\":[{}]}}");
        eventually(() -> assertThat(specs()).isEqualTo(specs));
        assertThat(cluster.networkPolicy(namespace, "p").at("/metadata/labels").toString())
                .contains("\"app.kubernetes.io/managed-by\":\"sallyport\"");
        String digest =
                Digest.of(cluster.trust(namespace, "p").at("/data/ca.pem").asText());
        patch("configmap", "sallyport-trust-p", "{\"data\":{\"ca.pem\":\"{\\\"sha256\\\":\\\"" + digest + "\\\"}\"}}");
        eventually(() -> assertThat(specs()).isEqualTo(specs));
    }

    @Test
    @DisplayName("K8S-04 an object of somebody else is left alone and told of; when it is gone, ours takes its place")
    void leavesForeignObjects() {
        cluster.kubectl(namespace, "create", "configmap", "sallyport-trust-p", "--from-literal=ca.pem=theirs");
        cluster.policy(namespace, "p", POLICY);
        eventually(() -> assertThat(condition("TrustReady"))
                .startsWith("False NotApplied: ConfigMap " + namespace
                        + "/sallyport-trust-p: exists without the label app.kubernetes.io/managed-by=sallyport"));
        assertThat(cluster.networkPolicy(namespace, "p").isMissingNode()).isFalse();
        assertThat(cluster.trust(namespace, "p").path("data").toString()).isEqualTo("{\"ca.pem\":\"theirs\"}");
        eventually(() -> assertThat(cluster.kubectl(namespace, "get", "events.events.k8s.io"))
                .contains("ForeignObject"));
        assertThat(replica.reconciler.problems()).anyMatch(line -> line.contains(namespace + "/sallyport-trust-p"));
        cluster.kubectl(namespace, "delete", "configmap", "sallyport-trust-p");
        eventually(() -> assertThat(condition("TrustReady")).startsWith("True"));
        assertThat(cluster.trust(namespace, "p").path("data").has("bundle.pem")).isTrue();
        assertThat(replica.reconciler.problems()).noneMatch(line -> line.contains(namespace));
    }

    @Test
    @DisplayName(
            "K8S-09 K8S-10 what is wrong is in the status, of the generation that has it, and goes when it is put right")
    void tellsWhatIsWrong() {
        cluster.kubectl(
                "default",
                "create",
                "rolebinding",
                "sallyport-secret-reader",
                "-n",
                namespace,
                "--clusterrole=sallyport-secret-reader",
                "--serviceaccount=sallyport-system:sallyport-xds-server");
        cluster.policy(
                namespace,
                "p",
                "{hosts: [{host: a.example.com, credentials: [{header: x-key, valueFrom: {secretKeyRef: {name: keys, key: token}}}]}]}");
        eventually(() -> assertThat(condition("CredentialsReady"))
                .startsWith("False Unusable")
                .contains("header x-key of a.example.com", "keys"));
        assertThat(condition("Accepted")).startsWith("True");
        cluster.kubectl(namespace, "create", "secret", "generic", "keys", "--from-literal=token=s3cret");
        eventually(() -> assertThat(condition("CredentialsReady")).startsWith("True"));
        cluster.policy(
                namespace, "p", "{hosts: [{host: a.example.com, acton: Deny}, {host: b.example.com, tsl: Intercept}]}");
        eventually(() -> assertThat(condition("Accepted"))
                .startsWith("False Invalid")
                .contains("spec.hosts[0].acton", "spec.hosts[1].tsl"));
        assertThat(cluster.status(namespace, "p").path("observedGeneration").asInt())
                .isEqualTo(2);
        eventually(() -> assertThat(
                        cluster.networkPolicy(namespace, "p").at("/spec/egress").toString())
                .doesNotContain("ipBlock"));
        eventually(() -> assertThat(cluster.kubectl(namespace, "get", "events.events.k8s.io"))
                .contains("NotAccepted"));
        cluster.policy(namespace, "p", "{hosts: [{host: a.example.com}]}");
        eventually(() -> assertThat(condition("Accepted")).startsWith("True"));
        eventually(() -> assertThat(
                        cluster.networkPolicy(namespace, "p").at("/spec/egress").toString())
                .contains("ipBlock"));
        assertThat(cluster.policy(namespace, "p").toString()).doesNotContain("s3cret");
    }

    @Test
    @DisplayName("K8S-09 the status never speaks of a generation that nobody has compiled")
    void waitsForTheControlLoop() {
        cluster.policy(namespace, "p", "{hosts: [{host: a.example.com}]}");
        PolicyId id = new PolicyId(namespace, "p");
        eventually(() -> assertThat(condition("Accepted")).startsWith("True"));
        WorkloadStatus first = replica.loop.status(id).orElseThrow();
        replica.between = now -> Optional.of(first);
        cluster.policy(namespace, "p", "{hosts: [{host: a.example.com, acton: Deny}]}");
        eventually(() ->
                assertThat(replica.loop.status(id).orElseThrow().accepted()).isFalse());
        patch("networkpolicy", "sallyport-p", "{\"spec\":{\"egress\":[{}]}}");
        double passes = passes();
        replica.reconciler.changed(id);
        eventually(() -> assertThat(passes()).isGreaterThan(passes));
        assertThat(cluster.status(namespace, "p").path("observedGeneration").asInt())
                .isEqualTo(1);
        replica.between = now -> now;
        replica.reconciler.changed(id);
        eventually(() -> assertThat(condition("Accepted")).startsWith("False"));
    }

    @Test
    @DisplayName(
            "K8S-05 a policy is deleted while a Pod runs: its egress is closed, over a restart, until the Pod is gone")
    void aDeletedPolicyStaysClosedUntilItsLastPodIsGone() {
        cluster.policy(namespace, "p", POLICY);
        cluster.pod(namespace, "agent", "p");
        eventually(() -> assertThat(condition("Programmed")).startsWith("False Pending: 0 of 1"));
        cluster.kubectl(namespace, "delete", "egresspolicy/p", "--wait=false");
        eventually(() ->
                assertThat(condition("Accepted")).startsWith("False Deleting").contains("agent"));
        assertThat(cluster.networkPolicy(namespace, "p").at("/spec/egress").toString())
                .contains("kube-dns", "sallyport-xds-server")
                .doesNotContain("ipBlock");
        replica.close();
        try (Replica next = cluster.replica("replica-2").started()) {
            eventually(() -> assertThat(next.reconciler.isLeader()).isTrue());
            cluster.kubectl(namespace, "delete", "networkpolicy/sallyport-p");
            eventually(() -> assertThat(cluster.networkPolicy(namespace, "p").isMissingNode())
                    .isFalse());
            assertThat(cluster.networkPolicy(namespace, "p").at("/spec/egress").toString())
                    .doesNotContain("ipBlock");
            cluster.kubectl(namespace, "delete", "pod/agent", "--grace-period=0", "--force");
            eventually(() ->
                    assertThat(cluster.policy(namespace, "p").isMissingNode()).isTrue());
            eventually(() -> assertThat(cluster.networkPolicy(namespace, "p").isMissingNode())
                    .isTrue());
        }
    }

    @Test
    @DisplayName("K8S-05 a NetworkPolicy that was left behind is closed while Pods run, and goes with the last")
    void whatWasLeftBehindGoes() {
        cluster.pod(namespace, "agent", "p");
        eventually(() -> assertThat(cluster.networkPolicy(namespace, "p").isMissingNode())
                .isFalse());
        assertThat(cluster.networkPolicy(namespace, "p").toString()).doesNotContain("ipBlock");
        replica.close();
        cluster.kubectl(namespace, "delete", "pod/agent", "--grace-period=0", "--force");
        assertThat(cluster.networkPolicy(namespace, "p").isMissingNode()).isFalse();
        try (Replica next = cluster.replica("replica-2").started()) {
            eventually(() -> assertThat(cluster.networkPolicy(namespace, "p").isMissingNode())
                    .isTrue());
            assertThat(next.reconciler.problems()).isEmpty();
        }
    }

    @Test
    @DisplayName("K8S-05 a namespace is deleted, and that ends, without many attempts at what cannot be")
    void aNamespaceIsDeleted() {
        cluster.policy(namespace, "p", POLICY);
        cluster.pod(namespace, "agent", "p");
        eventually(() -> assertThat(condition("TrustReady")).startsWith("True"));
        long before = cluster.writes(namespace);
        cluster.kubectl(namespace, "delete", "namespace", namespace, "--wait=false");
        eventually(() -> assertThat(
                        cluster.get(namespace, "pods", "agent").at("/metadata").has("deletionTimestamp"))
                .isTrue());
        cluster.kubectl(namespace, "delete", "pod/agent", "--grace-period=0", "--force", "--ignore-not-found");
        within(
                Duration.ofSeconds(60),
                () -> assertThat(cluster.isThere(namespace)).isFalse());
        assertThat(cluster.writes(namespace) - before).isLessThan(20);
    }

    @Test
    @DisplayName("K8S-06 a new epoch of certificates is in every trust ConfigMap at once")
    void newCertificates() {
        cluster.policy(namespace, "p", POLICY);
        eventually(() -> assertThat(condition("TrustReady")).startsWith("True"));
        String before = cluster.trust(namespace, "p").at("/data/ca.pem").asText();
        replica.certificates.advance(Duration.ofDays(181));
        eventually(() -> assertThat(
                        cluster.trust(namespace, "p").at("/data/ca.pem").asText())
                .isNotEqualTo(before)
                .startsWith("-----BEGIN"));
    }

    @Test
    @DisplayName("K8S-11 what sidecars hold is counted, and no longer when their replica has fallen silent")
    void countsSidecars() {
        cluster.policy(namespace, "p", POLICY);
        cluster.pod(namespace, "agent", "p");
        PolicyId id = new PolicyId(namespace, "p");
        eventually(() -> assertThat(condition("Programmed")).startsWith("False Pending: 0 of 1"));
        report(id, Optional.empty());
        eventually(() -> assertThat(condition("Programmed")).startsWith("True AllCurrent: 1 of 1"));
        assertThat(cluster.kubectl(namespace, "get", "egp", "p")).contains(" 1/1 ");
        report(id, Optional.of("bad listener"));
        eventually(() ->
                assertThat(condition("Programmed")).startsWith("False Rejected").contains("bad listener"));
        replica.fleetTime.advance(FleetView.VOID_AFTER);
        eventually(() -> assertThat(condition("Programmed")).startsWith("False Pending: 0 of 1"));
    }

    private int beat;

    private void report(PolicyId id, Optional<String> rejected) {
        String revision = replica.loop.status(id).orElseThrow().revision();
        var held = new ReplicaReport.Held(Optional.of(revision), rejected);
        replica.fleet.accept(
                "other",
                String.valueOf(++beat),
                new ReplicaReport(new TreeMap<>(Map.of(id, new TreeMap<>(Map.of("agent", held))))));
        replica.reconciler.fleetChanged(id);
    }

    private String condition(String type) {
        return cluster.condition(namespace, "p", type);
    }

    private void patch(String resource, String name, String patch) {
        cluster.kubectl(namespace, "patch", resource, name, "--type=merge", "--patch=" + patch);
    }

    private double passes() {
        return replica.meters.get("sallyport.reconciles").timer().count();
    }

    private String specs() {
        return cluster.networkPolicy(namespace, "p").path("spec") + "\n"
                + cluster.trust(namespace, "p").path("data") + "\n"
                + cluster.get(namespace, "services", "p").at("/spec/selector");
    }
}
