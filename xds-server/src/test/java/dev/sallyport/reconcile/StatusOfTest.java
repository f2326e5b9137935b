package dev.sallyport.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.policy.SecretKey;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.source.LabelledPod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StatusOfTest {
    private static final PolicyId ID = new PolicyId("agents", "p");
    private static final EgressPolicy POLICY =
            policy("spec: {hosts: [{host: a.example.com}], expose: [{name: http, port: 8080}]}");

    private static final ReplicaReport.Held CURRENT = held("r2");
    private static final ReplicaReport.Held BEHIND = held("r1");

    @Test
    void everythingIsAsItShouldBe() {
        PolicyStatus status = status(accepted(), pods(2), Map.of("pod-0", CURRENT, "pod-1", CURRENT));
        assertThat(status.conditions()).extracting(Condition::status).containsExactly("True", "True", "True", "True");
        assertThat(status.programmed()).isEqualTo("2/2");
        assertThat(status.sidecars()).isEqualTo(new PolicyStatus.Sidecars(2, 2, 0));
        assertThat(status.serviceAddress()).contains("p.agents.svc");
        assertThat(status.messages()).isEmpty();
        assertThat(status.observedGeneration()).isEqualTo(7);
        assertThat(status.revision()).isEqualTo("r2");
    }

    @Test
    @DisplayName("K8S-09 a policy that does not compile is not accepted, and every problem is told")
    void tellsEveryProblemOfAPolicy() {
        WorkloadStatus rejected = new WorkloadStatus(
                Optional.empty(),
                List.of("spec.hosts[0].host: found one", "spec.hosts[1].ports: found another"),
                new FakeSnapshot(ID, "r2"),
                0,
                List.of(),
                List.of(),
                false);
        PolicyStatus status = status(rejected, List.of(), Map.of());
        assertThat(condition(status, Condition.Type.Accepted))
                .isEqualTo(
                        "False Invalid: everything is denied until this is put right: spec.hosts[0].host: found one; spec.hosts[1].ports: found another");
        assertThat(status.messages()).hasSize(1).first().asString().startsWith("Accepted: everything is denied");
    }

    @Test
    @DisplayName("K8S-10 a missing Secret is told with host, header, Secret and key")
    void tellsWhichCredentialIsMissing() {
        WorkloadStatus missing = new WorkloadStatus(
                Optional.of(POLICY),
                List.of(),
                new FakeSnapshot(ID, "r2"),
                1,
                List.of(new WorkloadStatus.UnresolvedCredential(
                        "a.example.com",
                        "x-api-key",
                        Optional.of(new SecretKey("api", "token")),
                        "Secret agents/api has no key token")),
                List.of(),
                false);
        assertThat(condition(status(missing, List.of(), Map.of()), Condition.Type.CredentialsReady))
                .isEqualTo(
                        "False Unusable: requests to these hosts are refused: header x-api-key of a.example.com (key token of Secret api): Secret agents/api has no key token");
    }

    @Test
    @DisplayName("K8S-11 sidecars that refuse, lag or are not there keep a workload from being programmed")
    void countsOfTheLivePods() {
        assertThat(programmed(status(accepted(), pods(3), Map.of("pod-0", CURRENT, "pod-1", BEHIND))))
                .isEqualTo("False Pending: 1 of 3 live Pods have the newest revision");
        ReplicaReport.Held refusing = new ReplicaReport.Held(Optional.of("r1"), Optional.of("no such filter"));
        assertThat(programmed(status(accepted(), pods(2), Map.of("pod-0", CURRENT, "pod-1", refusing))))
                .isEqualTo(
                        "False Rejected: 1 of 2 live Pods have the newest revision; sidecars refused: no such filter");
        assertThat(programmed(status(accepted(), List.of(), Map.of("gone", CURRENT))))
                .isEqualTo("True AllCurrent: 0 of 0 live Pods have the newest revision");
        List<LabelledPod> mixed = List.of(
                pod("a", LabelledPod.State.LIVE, true),
                pod("b", LabelledPod.State.LIVE, false),
                pod("c", LabelledPod.State.ENDING, true),
                pod("d", LabelledPod.State.ENDED, true));
        PolicyStatus status =
                status(accepted(), mixed, Map.of("a", CURRENT, "c", BEHIND, "d", BEHIND, "stranger", CURRENT));
        assertThat(programmed(status))
                .isEqualTo("False Pending: 1 of 2 live Pods have the newest revision; 1 have no sidecar");
        assertThat(status.sidecars()).isEqualTo(new PolicyStatus.Sidecars(1, 1, 0));
        assertThat(status.podsWithoutSidecar()).isEqualTo(1);
    }

    @Test
    void anAccessWithoutSidecarsIsProgrammedAsItIs() {
        WorkloadStatus unrestricted = new WorkloadStatus(
                Optional.of(policy("spec: {access: Unrestricted}")),
                List.of(),
                new FakeSnapshot(ID, "r2"),
                0,
                List.of(),
                List.of(),
                false);
        PolicyStatus status = status(unrestricted, List.of(pod("a", LabelledPod.State.LIVE, false)), Map.of());
        assertThat(programmed(status)).isEqualTo("True NoSidecars: this access needs no sidecar");
        assertThat(status.podsWithoutSidecar()).isZero();
    }

    @Test
    void objectsThatAreNotThereAreTold() {
        PolicyStatus status = new StatusOf(
                        accepted(), List.of(), Map.of(), List.of("Service agents/p is not ours; it is left alone"))
                .status(7);
        assertThat(condition(status, Condition.Type.TrustReady))
                .isEqualTo("False NotApplied: Service agents/p is not ours; it is left alone");
    }

    @Test
    void longListsAreCut() {
        List<String> problems =
                IntStream.range(0, 1_000).mapToObj(i -> "x".repeat(2_000) + i).toList();
        PolicyStatus status = new StatusOf(accepted(), List.of(), Map.of(), problems).status(7);
        assertThat(status.conditions())
                .allMatch(condition -> condition.message().length() <= 32_768);
        assertThat(status.messages()).allMatch(message -> message.length() <= 4_096 + 20);
        List<String> few = problems.stream().map(line -> line.substring(1_990)).toList();
        assertThat(condition(new StatusOf(accepted(), List.of(), Map.of(), few).status(7), Condition.Type.TrustReady))
                .endsWith("; and 950 more");
    }

    @Test
    void capabilitiesThatAreKeptAreToldAsWeakening() {
        WorkloadStatus keeps = new WorkloadStatus(
                Optional.of(policy("spec: {hosts: [{host: a.example.com}], keepCapabilities: [SETUID]}")),
                List.of(),
                new FakeSnapshot(ID, "r2"),
                1,
                List.of(),
                List.of(),
                false);
        assertThat(status(keeps, List.of(), Map.of()).messages())
                .containsExactly(
                        "the containers keep SETUID: a program that runs as root can take the sidecar's user ID and get past the rules");
    }

    private static WorkloadStatus accepted() {
        return new WorkloadStatus(
                Optional.of(POLICY), List.of(), new FakeSnapshot(ID, "r2"), 1, List.of(), List.of(), false);
    }

    private static PolicyStatus status(
            WorkloadStatus workload, List<LabelledPod> pods, Map<String, ReplicaReport.Held> sidecars) {
        return new StatusOf(workload, pods, sidecars, List.of()).status(7);
    }

    private static String programmed(PolicyStatus status) {
        return condition(status, Condition.Type.Programmed);
    }

    private static String condition(PolicyStatus status, Condition.Type type) {
        Condition condition = status.conditions().stream()
                .filter(one -> one.type() == type)
                .findFirst()
                .orElseThrow();
        return condition.status() + " " + condition.reason() + ": " + condition.message();
    }

    private static ReplicaReport.Held held(String revision) {
        return new ReplicaReport.Held(Optional.of(revision), Optional.empty());
    }

    private static List<LabelledPod> pods(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> pod("pod-" + i, LabelledPod.State.LIVE, true))
                .toList();
    }

    private static LabelledPod pod(String name, LabelledPod.State state, boolean sidecar) {
        return new LabelledPod("agents", name, "uid-" + name, ID, "default", state, sidecar, true, Instant.EPOCH);
    }

    private static EgressPolicy policy(String spec) {
        String head =
                "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p, namespace: agents}\n";
        return PolicyParser.parse("test", head + spec)
                .policies()
                .get(0)
                .policy()
                .orElseThrow();
    }
}
