package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.TrustBundle;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.source.LabelledPod;
import dev.sallyport.testing.TestClock;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class WorkloadObjectsTest {
    private static final String POLICY =
            "{hosts: [{host: a.example.com, ports: [8443, 443]}, {host: \"*.b.example.com\"}], expose: [{name: http, port: 8080}]}";
    private static final String XDS_CA = "-----BEGIN CERTIFICATE-----\n";

    private static SystemCluster system;
    private static PublicRoots roots;

    private final TestClock clock = TestClock.at("2026-11-21T12:00:00Z");
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicBoolean leading = new AtomicBoolean(true);
    private final DesiredObjects desired = new DesiredObjects(ClusterSettings.DEFAULT);

    private ObjectRequests api;
    private LiveObjects live;
    private WorkloadObjects objects;
    private StatusWriter statuses;
    private PolicyEvents events;
    private PolicyId id = new PolicyId("", "");

    @BeforeAll
    static void start() throws IOException {
        system = new SystemCluster(KubernetesOptions.DEFAULT.withControllers());
        roots = PublicRoots.load(Optional.empty());
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @BeforeEach
    void prepare() {
        api = new ObjectRequests(system.server());
        live = LiveObjects.asking(api);
        objects = new WorkloadObjects(
                new ObjectWriter(api, live, leading::get, nanos::get),
                new PolicyFinalizer(api, live, leading::get, nanos::get));
        statuses = new StatusWriter(api, live, leading::get, clock, nanos::get);
        events = new PolicyEvents(api, leading::get, "replica-1", clock);
        id = new PolicyId(system.cluster().namespace(getClass()), "p");
    }

    @Test
    @DisplayName("K8S-01 K8S-06 K8S-08 K8S-12 what a policy needs is made, once")
    void makesWhatIsNeededOnce() throws Exception {
        create(POLICY);
        assertThat(reconcile(POLICY)).hasSize(4).allMatch(Outcome.Written.class::isInstance);

        JsonNode networkPolicy = find(ObjectKey.networkPolicy(id));
        assertThat(networkPolicy.at("/spec/policyTypes").toString()).isEqualTo("[\"Egress\"]");
        assertThat(networkPolicy.at("/spec/egress")).hasSize(3);
        assertThat(networkPolicy.at("/spec/egress/1/ports").findValuesAsText("port"))
                .containsExactly("443", "8443");
        assertThat(networkPolicy.at("/spec/podSelector/matchLabels").toString())
                .isEqualTo("{\"sallyport.dev/policy\":\"p\"}");
        assertThat(networkPolicy.at("/metadata").has("ownerReferences")).isFalse();
        assertThat(networkPolicy.at("/metadata/labels").toString())
                .isEqualTo("{\"app.kubernetes.io/managed-by\":\"sallyport\",\"sallyport.dev/policy\":\"p\"}");
        JsonNode trust = find(ObjectKey.trust(id));
        assertThat(trust.path("data").properties())
                .extracting(Map.Entry::getKey)
                .containsExactlyInAnyOrder(
                        "bundle.pem", "ca.pem", "wgetrc", "xds-ca.pem", "xds-ca.sds.yaml", "xds-token.sds.yaml");
        assertThat(trust.path("binaryData").has("truststore")).isTrue();
        assertThat(trust.toString()).doesNotContain("PRIVATE KEY");
        assertThat(trust.at("/metadata/ownerReferences/0/uid").asText())
                .isEqualTo(policyObject().uid());
        JsonNode service = find(ObjectKey.service(id));
        assertThat(service.at("/spec/ports/0/targetPort").asInt()).isEqualTo(8080);
        assertThat(service.at("/spec/selector").toString()).isEqualTo("{\"sallyport.dev/policy\":\"p\"}");
        assertThat(service.at("/spec/clusterIP").asText()).isNotEmpty().isNotEqualTo("None");
        assertThat(policyObject().finalizer()).isTrue();

        String versions = versions();
        assertThat(reconcile(POLICY)).hasSize(3).allMatch(Outcome.Unchanged.class::isInstance);
        assertThat(versions()).isEqualTo(versions);
    }

    @Test
    @DisplayName("K8S-02 K8S-03 access None closes all, also what somebody added; Unrestricted leaves the metadata out")
    void accessIsInTheNetworkPolicy() throws Exception {
        create("{access: Unrestricted}");
        reconcile("{access: Unrestricted}");
        assertThat(find(ObjectKey.networkPolicy(id)).at("/spec/egress").toString())
                .contains("169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::254/128")
                .doesNotContain("ports");
        reconcile("{access: None}");
        assertThat(find(ObjectKey.networkPolicy(id)).at("/spec").has("egress")).isFalse();
        edit("networkpolicy", "sallyport-p", "{\"spec\":{\"egress\":[{}]}}");
        assertThat(find(ObjectKey.networkPolicy(id)).at("/spec").has("egress")).isTrue();
        assertThat(reconcile("{access: None}")).anyMatch(Outcome.Written.class::isInstance);
        assertThat(find(ObjectKey.networkPolicy(id)).at("/spec").has("egress")).isFalse();
        assertThat(reconcile("{access: None}")).allMatch(Outcome.Unchanged.class::isInstance);
    }

    @Test
    @DisplayName("K8S-07 bundle.pem has the public roots with a passthrough host and not without")
    void publicRootsOnlyWhereSomethingIsPassedThrough() throws Exception {
        create(POLICY);
        reconcile(POLICY);
        assertThat(find(ObjectKey.trust(id)).at("/data/bundle.pem").asText()).contains(roots.pem());
        reconcile("{hosts: [{host: a.example.com}]}");
        assertThat(find(ObjectKey.trust(id)).at("/data/bundle.pem").asText())
                .isEqualTo(find(ObjectKey.trust(id)).at("/data/ca.pem").asText());
        assertThat(live.find(ObjectKey.service(id)).isPresent()).isFalse();
    }

    @Test
    @DisplayName("K8S-04 what somebody edits or deletes is restored")
    void restores() throws Exception {
        create(POLICY);
        reconcile(POLICY);
        edit("networkpolicy", "sallyport-p", "{\"spec\":{\"egress\":[{}]}}");
        edit("configmap", "sallyport-trust-p", "{\"data\":{\"ca.pem\":\"mine\"}}");
        edit("service", "p", "{\"spec\":{\"selector\":{\"app\":\"other\"}}}");
        assertThat(reconcile(POLICY)).hasSize(3).allMatch(Outcome.Written.class::isInstance);
        assertThat(find(ObjectKey.networkPolicy(id)).at("/spec/egress")).hasSize(3);
        assertThat(find(ObjectKey.trust(id)).at("/data/ca.pem").asText()).startsWith("-----BEGIN");
        assertThat(find(ObjectKey.service(id)).at("/spec/selector").toString())
                .isEqualTo("{\"sallyport.dev/policy\":\"p\"}");
        edit("networkpolicy", "sallyport-p", "{\"spec\":{\"policyTypes\":[\"Ingress\"],\"ingress\":[{}]}}");
        edit("networkpolicy", "sallyport-p", "{\"spec\":{\"podSelector\":{\"matchLabels\":{\"a\":\"b\"}}}}");
        assertThat(reconcile(POLICY))
                .filteredOn(Outcome.Written.class::isInstance)
                .hasSize(1);
        assertThat(find(ObjectKey.networkPolicy(id)).at("/spec").has("ingress")).isFalse();
        kubectl("delete", "networkpolicy/sallyport-p", "configmap/sallyport-trust-p", "service/p");
        assertThat(reconcile(POLICY)).hasSize(3).allMatch(Outcome.Written.class::isInstance);
        assertThat(reconcile(POLICY)).allMatch(Outcome.Unchanged.class::isInstance);
    }

    @Test
    @DisplayName("K8S-04 an object of that name that is somebody else's is left as it is, and a person is told")
    void leavesForeignObjects() throws Exception {
        create(POLICY);
        kubectl("create", "configmap", "sallyport-trust-p", "--from-literal=ca.pem=theirs");
        kubectl("create", "service", "clusterip", "p", "--tcp=1");
        List<Outcome> outcomes = reconcile(POLICY);
        assertThat(outcomes).filteredOn(Outcome.Foreign.class::isInstance).hasSize(2);
        assertThat(WorkloadObjects.problems(outcomes).get(0))
                .startsWith("ConfigMap " + id.namespace() + "/sallyport-trust-p: exists without the label");
        assertThat(find(ObjectKey.trust(id)).path("data").toString()).isEqualTo("{\"ca.pem\":\"theirs\"}");
        reconcile("{access: None}");
        assertThat(live.find(ObjectKey.service(id))).isPresent();

        PolicyObject object = policyObject();
        events.tell(object, status(object, POLICY), outcomes);
        String first = events();
        assertThat(first).contains("ForeignObject", "sallyport-trust-p").hasLineCount(1);
        events.tell(object, status(object, POLICY), outcomes);
        new PolicyEvents(api, leading::get, "replica-2", clock).tell(object, status(object, POLICY), outcomes);
        assertThat(events()).isEqualTo(first);
        events.tell(object, status(object, POLICY), List.of());
        events.tell(object, status(object, POLICY), outcomes);
        assertThat(events()).hasLineCount(1).contains("ForeignObject 2");
    }

    @Test
    @DisplayName("K8S-04 also one that came into being after the last look, or in the place of ours")
    void leavesForeignObjectsThatItHasNotSeen() throws Exception {
        create(POLICY);
        reconcile(POLICY);
        JsonNode before = find(ObjectKey.trust(id));
        kubectl("delete", "configmap", "sallyport-trust-p");
        kubectl("create", "configmap", "sallyport-trust-p", "--from-literal=ca.pem=theirs");
        for (LiveObjects late : List.<LiveObjects>of(key -> Optional.empty(), key -> Optional.of(before))) {
            ObjectWriter writer = new ObjectWriter(api, late, leading::get, nanos::get);
            var trust = TrustConfigMap.of(id, policyObject().uid(), bundle(false), "another " + XDS_CA);
            assertThat(writer.apply(DesiredObject.of(trust)).problem())
                    .hasValueSatisfying(line -> assertThat(line)
                            .startsWith(
                                    "cannot patch configmaps in namespace " + id.namespace() + " (sallyport-trust-p): ")
                            .containsAnyOf("409", "metadata.uid"));
            writer.delete(ObjectKey.trust(id));
            assertThat(find(ObjectKey.trust(id)).path("data").toString()).isEqualTo("{\"ca.pem\":\"theirs\"}");
        }
    }

    @Test
    @DisplayName("K8S-09 a policy that is not accepted closes its egress, and a person is told")
    void closesWhatIsNotAccepted() throws Exception {
        create(POLICY);
        reconcile(POLICY);
        PolicyObject object = policyObject();
        objects.reconcile(id, desired.present(object, rejected(), trust(false), List.of()));
        assertThat(find(ObjectKey.networkPolicy(id)).at("/spec/egress").toString())
                .contains("kube-dns", "sallyport-xds-server")
                .doesNotContain("ipBlock");
        assertThat(live.find(ObjectKey.service(id))).isPresent();
        PolicyStatus status = new StatusOf(rejected(), List.of(), Map.of(), List.of()).status(1);
        assertThat(statuses.write(object, status)).isInstanceOf(Outcome.Written.class);
        events.tell(object, status, List.of());
        assertThat(events()).hasLineCount(1).contains("NotAccepted", "spec.hosts[0].host");
    }

    @Test
    @DisplayName("K8S-12 status is written when it changes, once a second at most, and keeps the date of a condition")
    void writesStatus() throws Exception {
        create(POLICY);
        PolicyObject object = policyObject();
        assertThat(statuses.write(object, status(object, POLICY))).isInstanceOf(Outcome.Written.class);
        JsonNode first = find(ObjectKey.policy(id));
        assertThat(first.at("/status/hosts").asInt()).isEqualTo(2);
        assertThat(first.at("/status/programmed").asText()).isEqualTo("0/0");
        assertThat(first.at("/status/serviceAddress").asText()).isEqualTo("p." + id.namespace() + ".svc");
        assertThat(first.at("/status/observedGeneration").asInt()).isEqualTo(1);
        assertThat(first.at("/status/conditions").findValuesAsText("type"))
                .containsExactly("Accepted", "CredentialsReady", "TrustReady", "Programmed");
        assertThat(first.at("/status/conditions/0/lastTransitionTime").asText()).isEqualTo("2026-11-21T12:00:00Z");

        clock.advance(Duration.ofMinutes(1));
        PolicyStatus none = new StatusOf(rejected(), List.of(), Map.of(), List.of("a line")).status(1);
        assertThat(statuses.write(object, none)).isInstanceOf(Outcome.Later.class);
        nanos.addAndGet(StatusWriter.PACE.toNanos());
        assertThat(statuses.write(object, status(object, POLICY))).isInstanceOf(Outcome.Unchanged.class);
        assertThat(find(ObjectKey.policy(id))).isEqualTo(first);
        assertThat(statuses.write(object, none)).isInstanceOf(Outcome.Written.class);
        JsonNode second = find(ObjectKey.policy(id)).path("status");
        assertThat(second.path("conditions").findValuesAsText("status"))
                .containsExactly("False", "True", "False", "True");
        assertThat(second.at("/conditions/0/lastTransitionTime").asText()).isEqualTo("2026-11-21T12:01:00Z");
        assertThat(second.at("/conditions/1/lastTransitionTime").asText()).isEqualTo("2026-11-21T12:00:00Z");
        assertThat(second.has("serviceAddress")).isFalse();
    }

    @Test
    @DisplayName("K8S-13 a replica that does not lead writes nothing")
    void writesNothingWithoutTheLease() throws Exception {
        create(POLICY);
        leading.set(false);
        String before = versions();
        PolicyObject object = policyObject();
        assertThat(reconcile(POLICY)).allMatch(Outcome.NotLeading.class::isInstance);
        assertThat(statuses.write(object, status(object, POLICY))).isInstanceOf(Outcome.NotLeading.class);
        events.tell(object, status(object, POLICY), List.of(new Outcome.Foreign("line", Duration.ofSeconds(1))));
        assertThat(versions()).isEqualTo(before);
        assertThat(events()).isEmpty();
    }

    @Test
    @DisplayName("K8S-05 a deleted policy closes its egress until its last Pod is gone, then everything goes")
    void deletionCloses() throws Exception {
        create(POLICY);
        reconcile(POLICY);
        kubectl("delete", "egresspolicy/p", "--wait=false");
        assertThat(policyObject().deleting()).isTrue();
        List<LabelledPod> pods = List.of(pod(LabelledPod.State.ENDING));
        objects.reconcile(id, desired.present(policyObject(), accepted(POLICY), trust(true), pods));
        JsonNode closed = find(ObjectKey.networkPolicy(id));
        assertThat(closed.at("/spec/egress").toString()).contains("kube-dns").doesNotContain("ipBlock");
        assertThat(policyObject().finalizer()).isTrue();

        objects.reconcile(id, desired.deleted(policyObject(), List.of(pod(LabelledPod.State.ENDED))));
        assertThat(live.find(ObjectKey.networkPolicy(id)).isPresent()).isFalse();
        collected(ObjectKey.policy(id));
        collected(ObjectKey.trust(id));
        collected(ObjectKey.service(id));
    }

    @Test
    @DisplayName("K8S-05 the same with --cascade=foreground")
    void foregroundDeletionCloses() throws Exception {
        create(POLICY);
        reconcile(POLICY);
        kubectl("delete", "egresspolicy/p", "--wait=false", "--cascade=foreground");
        collected(ObjectKey.trust(id));
        List<LabelledPod> pods = List.of(pod(LabelledPod.State.LIVE));
        assertThat(objects.reconcile(id, desired.deleted(policyObject(), pods)))
                .hasSize(1)
                .allMatch(Outcome.Written.class::isInstance);
        assertThat(find(ObjectKey.networkPolicy(id)).at("/spec/egress").toString())
                .doesNotContain("ipBlock");
        objects.reconcile(id, desired.deleted(policyObject(), List.of()));
        collected(ObjectKey.policy(id));
        assertThat(live.find(ObjectKey.networkPolicy(id)).isPresent()).isFalse();
    }

    @Test
    @DisplayName("K8S-05 Pods whose policy object is gone have their egress closed")
    void podsWithoutAPolicyAreClosed() throws Exception {
        objects.reconcile(id, desired.gone(id, List.of(pod(LabelledPod.State.LIVE))));
        assertThat(find(ObjectKey.networkPolicy(id)).at("/spec/egress").toString())
                .doesNotContain("ipBlock");
        objects.reconcile(id, desired.gone(id, List.of()));
        assertThat(live.find(ObjectKey.networkPolicy(id)).isPresent()).isFalse();
    }

    @Test
    void whatIsRefusedIsToldAndTriedAgainLater() throws Exception {
        PolicyId nowhere = new PolicyId("no-such-namespace", "p");
        DesiredObjects.Wishes wishes = desired.gone(nowhere, List.of(pod(LabelledPod.State.LIVE)));
        List<Outcome> outcomes = objects.reconcile(nowhere, wishes);
        assertThat(WorkloadObjects.problems(outcomes))
                .singleElement()
                .asString()
                .startsWith("cannot patch networkpolicies in namespace no-such-namespace (sallyport-p): 404");
        assertThat(((Outcome.Failed) outcomes.get(0)).retryIn()).isEqualTo(Duration.ofSeconds(1));
        nanos.addAndGet(Duration.ofMillis(400).toNanos());
        assertThat(((Outcome.Failed) objects.reconcile(nowhere, wishes).get(0)).retryIn())
                .isEqualTo(Duration.ofMillis(600));
        nanos.addAndGet(Duration.ofMillis(600).toNanos());
        assertThat(((Outcome.Failed) objects.reconcile(nowhere, wishes).get(0)).retryIn())
                .isEqualTo(Duration.ofSeconds(2));
    }

    private List<Outcome> reconcile(String spec) throws ApiException {
        return objects.reconcile(
                id, desired.present(policyObject(), accepted(spec), trust(spec.contains("*")), List.of()));
    }

    private void create(String spec) {
        String yaml = "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p, namespace: "
                + id.namespace() + "}\nspec: " + spec + "\n";
        eventually(() -> assertThat(system.cluster()
                        .kubectlWithInput(yaml, "apply", "-f", "-")
                        .exitCode())
                .isZero());
    }

    private DesiredObject trust(boolean publicRoots) throws ApiException {
        return DesiredObject.of(TrustConfigMap.of(id, policyObject().uid(), bundle(publicRoots), XDS_CA));
    }

    private TrustBundle bundle(boolean publicRoots) {
        var cas = new WorkloadCas(RootSeed.of(new byte[RootSeed.LENGTH]), clock).bundle(id);
        return publicRoots ? TrustBundle.withPublicRoots(cas, roots) : TrustBundle.workloadOnly(cas);
    }

    private WorkloadStatus accepted(String spec) {
        EgressPolicy policy = PolicyParser.parse(
                        "test",
                        "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p, namespace: "
                                + id.namespace() + "}\nspec: " + spec + "\n")
                .policies()
                .get(0)
                .policy()
                .orElseThrow();
        return new WorkloadStatus(
                Optional.of(policy), List.of(), new FakeSnapshot(id, "r1"), 2, List.of(), List.of(), true);
    }

    private WorkloadStatus rejected() {
        return new WorkloadStatus(
                Optional.empty(),
                List.of("spec.hosts[0].host: found one"),
                new FakeSnapshot(id, "r2"),
                0,
                List.of(),
                List.of(),
                false);
    }

    private PolicyStatus status(PolicyObject object, String spec) {
        return new StatusOf(accepted(spec), List.of(), Map.of(), List.of()).status(object.generation());
    }

    private PolicyObject policyObject() throws ApiException {
        return PolicyObject.of(find(ObjectKey.policy(id)));
    }

    private JsonNode find(ObjectKey key) throws ApiException {
        return live.find(key).orElseThrow();
    }

    /** The garbage collector looks for new kinds twice a minute, and the kind of policies is new to it. */
    private void collected(ObjectKey key) {
        within(
                Duration.ofSeconds(90),
                () -> assertThat(live.find(key).isPresent()).isFalse());
    }

    private LabelledPod pod(LabelledPod.State state) {
        return new LabelledPod(id.namespace(), "pod", "uid", id, "default", state, true, true, Instant.EPOCH);
    }

    private String versions() {
        return kubectl(
                "get",
                "egresspolicies,networkpolicies,configmaps,services",
                "-o",
                "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{\"\\n\"}{end}");
    }

    private String events() {
        return kubectl(
                "get",
                "events.events.k8s.io",
                "-o",
                "jsonpath={range .items[*]}{.reason} {.series.count} {.note}{\"\\n\"}{end}");
    }

    private void edit(String resource, String name, String patch) {
        kubectl("patch", resource, name, "--type=merge", "--patch=" + patch);
    }

    private String kubectl(String... arguments) {
        String[] here = new String[arguments.length + 1];
        here[0] = "--namespace=" + id.namespace();
        System.arraycopy(arguments, 0, here, 1, arguments.length);
        var outcome = system.cluster().kubectl(here);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        return outcome.output().strip();
    }
}
