package dev.sallyport.reconcile;

import dev.sallyport.policy.Access;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.source.LabelledPod;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a policy's status says, from what the control plane knows. Pure. */
final class StatusOf {
    /** Longer lists end with how many there are more: a condition's message holds 32 KiB at most. */
    private static final int MOST_LISTED = 50;

    private static final String ALL_GOOD = "AsWritten";

    /** The reason when a sidecar refused a part of the newest revision. */
    static final String REJECTED = "Rejected";

    /** The reason of a policy that is no longer in force because it is being deleted. */
    private static final String DELETING = "Deleting";

    private static final int LONGEST_MESSAGE = 4_096;

    /** What sidecars said follows it. */
    static final String REFUSED = "; sidecars refused: ";

    private final WorkloadStatus workload;
    private final List<LabelledPod> pods;
    private final Map<String, ReplicaReport.Held> sidecars;
    private final List<String> objectProblems;

    /**
     * For one workload.
     *
     * @param pods all of it
     * @param sidecars by Pod, of all replicas
     * @param objectProblems what keeps its trust bundle, NetworkPolicy or Service from being there
     */
    StatusOf(
            WorkloadStatus workload,
            Collection<LabelledPod> pods,
            Map<String, ReplicaReport.Held> sidecars,
            List<String> objectProblems) {
        this.workload = workload;
        this.pods = pods.stream().filter(LabelledPod::mayRun).toList();
        this.sidecars = sidecars;
        this.objectProblems = List.copyOf(objectProblems);
    }

    /** The status; its conditions are not dated. */
    PolicyStatus status(long generation) {
        List<Condition> conditions = List.of(accepted(), credentials(), trust(), programmed());
        return new PolicyStatus(
                generation,
                workload.hosts(),
                workload.revision(),
                withSidecars() ? livePods() : 0,
                counts(),
                withSidecars() ? podsWithoutSidecar() : 0,
                serviceAddress(),
                messages(conditions),
                conditions);
    }

    /** Of a policy that somebody deleted and that its finalizer keeps: what is waited for. */
    static PolicyStatus deleting(PolicyObject object, Collection<LabelledPod> pods) {
        List<String> running = pods.stream()
                .filter(LabelledPod::mayRun)
                .map(LabelledPod::name)
                .sorted()
                .toList();
        String why =
                "the policy is being deleted and everything is denied; its NetworkPolicy and it go when no Pod of it"
                        + " is left"
                        + (running.isEmpty() ? "" : ", and these are: " + joined(running));
        Condition condition = Condition.of(Condition.Type.Accepted, false, DELETING, why);
        return new PolicyStatus(
                object.generation(),
                0,
                "",
                running.size(),
                new PolicyStatus.Sidecars(0, 0, 0),
                0,
                Optional.empty(),
                List.of(cut(condition.type() + ": " + why, LONGEST_MESSAGE)),
                List.of(condition));
    }

    private Condition accepted() {
        return workload.accepted()
                ? Condition.of(Condition.Type.Accepted, true, ALL_GOOD, "the policy is in force")
                : Condition.of(
                        Condition.Type.Accepted,
                        false,
                        "Invalid",
                        "everything is denied until this is put right: " + joined(workload.problems()));
    }

    private Condition credentials() {
        List<String> missing = Stream.concat(
                        workload.credentials().stream().map(StatusOf::line),
                        workload.trustedCas().stream().map(ca -> "trustedCa of " + ca.host() + ": " + ca.reason()))
                .toList();
        return missing.isEmpty()
                ? Condition.of(
                        Condition.Type.CredentialsReady, true, "AllUsable", "every credential has a usable value")
                : Condition.of(
                        Condition.Type.CredentialsReady,
                        false,
                        "Unusable",
                        "requests to these hosts are refused: " + joined(missing));
    }

    private static String line(WorkloadStatus.UnresolvedCredential credential) {
        String where = credential
                .secret()
                .map(key -> " (key " + key.key() + " of Secret " + key.name() + ")")
                .orElse("");
        return "header " + credential.header() + " of " + credential.host() + where + ": " + credential.reason();
    }

    private Condition trust() {
        return objectProblems.isEmpty()
                ? Condition.of(Condition.Type.TrustReady, true, "Applied", "trust bundle and NetworkPolicy are there")
                : Condition.of(Condition.Type.TrustReady, false, "NotApplied", joined(objectProblems));
    }

    private Condition programmed() {
        if (!withSidecars()) {
            return Condition.of(Condition.Type.Programmed, true, "NoSidecars", "this access needs no sidecar");
        }
        PolicyStatus.Sidecars counts = counts();
        String programmed = counts.current() + " of " + livePods() + " live Pods have the newest revision";
        if (counts.rejecting() > 0) {
            return Condition.of(Condition.Type.Programmed, false, REJECTED, programmed + REFUSED + rejections());
        }
        boolean all = counts.current() == livePods();
        String without = podsWithoutSidecar() == 0 ? "" : "; " + podsWithoutSidecar() + " have no sidecar";
        return Condition.of(Condition.Type.Programmed, all, all ? "AllCurrent" : "Pending", programmed + without);
    }

    private boolean withSidecars() {
        return workload.policy().map(EgressPolicy::access).orElse(Access.Restricted) == Access.Restricted;
    }

    private int livePods() {
        return (int) pods.stream().filter(this::isLive).count();
    }

    private boolean isLive(LabelledPod pod) {
        return pod.state() == LabelledPod.State.LIVE;
    }

    private int podsWithoutSidecar() {
        return (int)
                pods.stream().filter(this::isLive).filter(pod -> !pod.sidecar()).count();
    }

    private PolicyStatus.Sidecars counts() {
        List<ReplicaReport.Held> connected = connected();
        int rejecting = (int)
                connected.stream().filter(held -> held.rejected().isPresent()).count();
        int current = (int) connected.stream()
                .filter(held -> held.rejected().isEmpty())
                .filter(held ->
                        held.revision().filter(workload.revision()::equals).isPresent())
                .count();
        return new PolicyStatus.Sidecars(connected.size(), current, rejecting);
    }

    /** Of live Pods: one that is ending needs to hold nothing new. */
    private List<ReplicaReport.Held> connected() {
        return pods.stream()
                .filter(this::isLive)
                .flatMap(pod -> Optional.ofNullable(sidecars.get(pod.name())).stream())
                .toList();
    }

    private String rejections() {
        return joined(connected().stream()
                .flatMap(held -> held.rejected().stream())
                .distinct()
                .sorted()
                .toList());
    }

    private Optional<String> serviceAddress() {
        return workload.policy()
                .filter(policy -> !policy.expose().isEmpty())
                .map(policy ->
                        ObjectNames.service(policy.id()) + "." + policy.id().namespace() + ".svc");
    }

    private List<String> messages(List<Condition> conditions) {
        List<String> messages = new ArrayList<>();
        conditions.stream()
                .filter(condition -> !condition.status().equals("True"))
                .map(condition -> cut(condition.type() + ": " + condition.message(), LONGEST_MESSAGE))
                .forEach(messages::add);
        workload.policy()
                .filter(policy -> !policy.keepCapabilities().isEmpty())
                .map(policy -> "the containers keep " + String.join(", ", policy.keepCapabilities())
                        + ": a program that runs as root can take the sidecar's user ID and get past the rules")
                .ifPresent(messages::add);
        return messages;
    }

    private static String joined(List<String> lines) {
        String text = lines.stream().limit(MOST_LISTED).collect(Collectors.joining("; "));
        return cut(
                lines.size() > MOST_LISTED ? text + "; and " + (lines.size() - MOST_LISTED) + " more" : text, 30_000);
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
