package dev.sallyport.inject;

import java.util.List;
import java.util.stream.Stream;

/** A policy may say who uses it. */
final class ServiceAccounts implements PolicyRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod, KnownPolicy.InForce known) {
        List<String> allowed = known.policy().serviceAccounts();
        return allowed.isEmpty() || allowed.contains(pod.serviceAccount())
                ? Stream.empty()
                : Stream.of(Refusal.found(
                        pod.spec().pathOf("serviceAccountName"),
                        pod.serviceAccount(),
                        "one of " + String.join(", ", allowed) + ": EgressPolicy "
                                + known.policy().id() + " is for these alone (spec.serviceAccounts)"));
    }
}
