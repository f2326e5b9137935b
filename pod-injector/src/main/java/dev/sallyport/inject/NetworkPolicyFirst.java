package dev.sallyport.inject;

import dev.sallyport.bootstrap.PodLayout;
import dev.sallyport.policy.EgressPolicy;
import java.util.stream.Stream;

/** Without a sidecar the NetworkPolicy is all that holds the Pod, or its second line: it must be there first. */
final class NetworkPolicyFirst implements PolicyRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod, KnownPolicy.InForce known) {
        EgressPolicy policy = known.policy();
        if (Capturing.hasSidecar(policy) || known.networkPolicy()) {
            return Stream.empty();
        }
        return Stream.of(new Refusal(
                pod.policyPath(),
                "EgressPolicy " + policy.id() + " has access " + policy.access() + ", and its NetworkPolicy "
                        + PodLayout.networkPolicy(policy.id().name())
                        + " does not exist yet, expected it first: try again, and look at the policy's status"));
    }
}
