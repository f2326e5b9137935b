package dev.sallyport.snapshot;

import dev.sallyport.policy.Access;
import dev.sallyport.policy.Action;
import dev.sallyport.policy.Capture;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.TlsMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is in force for one workload, and why. Whatever is not an accepted policy for a sidecar has no entries, and so denies everything.
 *
 * @param policy the accepted document; empty: there is none
 * @param hosts what a sidecar is given
 * @param denyHint the hint of {@code host_not_allowed}: one sentence for a person in front of a refused request
 * @param problems why the policy is not, or not as it is written, in force
 */
record Rules(
        PolicyId id, Optional<EgressPolicy> policy, List<HostEntry> hosts, String denyHint, List<String> problems) {
    private static final Duration DEFAULT_LEAF_TTL = Duration.ofHours(24);

    Rules {
        hosts = List.copyOf(hosts);
        problems = List.copyOf(problems);
    }

    /** What a workload was started under; its containers and packet rules cannot be changed from here. */
    record Footing(Access access, Capture capture) {
        static Footing of(EgressPolicy policy) {
            return new Footing(policy.access(), policy.capture());
        }

        @Override
        public String toString() {
            return "access " + access + ", capture " + capture;
        }
    }

    /**
     * @param first what was in force for the workload when this process first saw it
     */
    static Rules accepted(EgressPolicy policy, Footing first) {
        PolicyId id = policy.id();
        Footing now = Footing.of(policy);
        if (!now.equals(first)) {
            String changed =
                    "EgressPolicy " + id + " was changed to " + now + " after its workload was seen with " + first;
            return denyAll(
                    id,
                    Optional.of(policy),
                    changed + "; nothing is allowed until it is changed back. Make a policy of another name instead.",
                    List.of(changed + " (expected: neither ever changes; make a policy of another name)"));
        }
        if (policy.access() != Access.Restricted) {
            return denyAll(
                    id,
                    Optional.of(policy),
                    "EgressPolicy " + id + " has access " + policy.access()
                            + ", which has no sidecar; nothing is allowed through this one.",
                    List.of());
        }
        return new Rules(id, Optional.of(policy), policy.hosts(), DenyHints.notCovered(id), List.of());
    }

    static Rules rejected(PolicyId id, List<PolicyProblem> problems) {
        return denyAll(
                id,
                Optional.empty(),
                "EgressPolicy " + id
                        + " is not accepted, so nothing is allowed; `sallyport status` shows what is wrong with it.",
                problems.stream().map(PolicyProblem::toString).toList());
    }

    static Rules unknown(PolicyId id) {
        return denyAll(
                id,
                Optional.empty(),
                "There is no EgressPolicy " + id + ", so nothing is allowed; `sallyport status` lists those there are.",
                List.of());
    }

    /** For a policy that cannot be put in force through a fault of ours. */
    static Rules faulty(Rules rules, String what) {
        return denyAll(
                rules.id(),
                rules.policy(),
                "EgressPolicy " + rules.id()
                        + " cannot be put in force, so nothing is allowed; `sallyport status` shows why.",
                List.of(what));
    }

    private static Rules denyAll(PolicyId id, Optional<EgressPolicy> policy, String hint, List<String> problems) {
        return new Rules(id, policy, List.of(), hint, problems);
    }

    /** Whether no document names the workload. */
    boolean isUnknown() {
        return policy.isEmpty() && problems.isEmpty();
    }

    Duration leafTtl() {
        return policy.map(EgressPolicy::leafTtl).orElse(DEFAULT_LEAF_TTL);
    }

    /** Whether the workload's apps see certificates of the public roots. */
    boolean passesThrough() {
        return hosts.stream().anyMatch(entry -> entry.action() == Action.Allow && entry.tls() == TlsMode.Passthrough);
    }
}
