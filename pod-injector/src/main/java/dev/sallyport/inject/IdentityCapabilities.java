package dev.sallyport.inject;

import java.util.stream.Stream;

/** Packet rules know the sidecar by its user id: no container may take that, unless the policy says that it lives with it. */
final class IdentityCapabilities implements PolicyRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod, KnownPolicy.InForce known) {
        if (!Capturing.tellsByUid(known.policy())) {
            return Stream.empty();
        }
        return pod.containers().stream()
                .flatMap(container -> container.at("securityContext").at("capabilities").texts("add").stream())
                .filter(added -> Capabilities.IDENTITY.contains(Capabilities.normalised(added.value())))
                .filter(added -> !known.policy().keepCapabilities().contains(Capabilities.normalised(added.value())))
                .map(added -> Refusal.found(
                        added.path(),
                        added.value(),
                        "it in spec.keepCapabilities of EgressPolicy "
                                + known.policy().id()
                                + ": with it a container can take the sidecar's user id"));
    }
}
