package dev.sallyport.policy;

import java.util.List;
import java.util.Optional;

/**
 * Why a policy lets a destination through or not: the answer of {@code explain}.
 *
 * @param policy the workload that asks
 * @param destination where it wants to go
 * @param decision what becomes of it
 * @param place {@code FILE:LINE} of the deciding entry; of the document when no entry decides
 * @param because one sentence
 * @param problems errors of a policy that is not accepted
 */
public record Explanation(
        PolicyId policy,
        Destination destination,
        Decision decision,
        String place,
        String because,
        List<PolicyProblem> problems) {
    public Explanation {
        problems = List.copyOf(problems);
    }

    /**
     * What becomes of {@code destination} for the workload {@code id}.
     *
     * @param documents what {@code policies} was compiled from
     * @throws IllegalArgumentException when no document is for this workload
     */
    public static Explanation of(PolicyDocuments documents, PolicySet policies, PolicyId id, Destination destination) {
        PolicyDocument document = documents.documents().stream()
                .filter(candidate -> candidate.id().equals(Optional.of(id)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no policy for workload " + id));
        EgressPolicy policy = policies.accepted().get(id);
        String start = document.file() + ":" + document.line();
        if (policy == null) {
            List<PolicyProblem> problems = policies.rejected().getOrDefault(id, List.of());
            Decision denied = new Decision(Optional.of(Reason.HOST_NOT_ALLOWED), Optional.empty());
            String because = "the policy is not accepted, so everything is denied";
            return new Explanation(id, destination, denied, start, because, problems);
        }
        Decision decision = Decisions.decide(policy, destination.host(), destination.port());
        String place = decision.entry()
                .map(entry -> document.file() + ":" + document.hostLines().get(entry.host()))
                .orElse(start);
        return new Explanation(id, destination, decision, place, because(policy, destination, decision), List.of());
    }

    private static String because(EgressPolicy policy, Destination destination, Decision decision) {
        return decision.entry()
                .map(entry -> entryReason(entry, destination, decision))
                .orElseGet(() -> policyReason(policy, destination, decision));
    }

    private static String entryReason(HostEntry entry, Destination destination, Decision decision) {
        if (entry.action() == Action.Deny) {
            return "the most specific entry, " + entry.host() + ", denies the host on every port";
        }
        if (decision.allowed()) {
            return "the most specific entry, " + entry.host() + ", allows port " + destination.port();
        }
        return "the most specific entry, " + entry.host() + ", allows " + ports(entry) + " and not "
                + destination.port();
    }

    private static String ports(HostEntry entry) {
        List<String> ports = entry.ports().stream().map(String::valueOf).toList();
        return (ports.size() == 1 ? "port " : "ports ") + String.join(", ", ports);
    }

    private static String policyReason(EgressPolicy policy, Destination destination, Decision decision) {
        return switch (policy.access()) {
            case None -> "the policy allows no egress at all (access: None)";
            case Unrestricted ->
                decision.allowed()
                        ? "the policy allows everything but link-local and metadata addresses (access: Unrestricted), without a sidecar"
                        : "link-local and metadata addresses are denied to every workload";
            case Restricted ->
                Hosts.isAddress(destination.host())
                        ? "an IP address is not a host name, and no entry matches it"
                        : "no entry of the policy matches this host";
        };
    }
}
