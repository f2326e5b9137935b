package dev.sallyport.inject;

import java.util.stream.Stream;

/** A set-user-ID file that belongs to the sidecar's user needs no capability to become it. */
final class PrivilegeEscalation implements PolicyRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod, KnownPolicy.InForce known) {
        if (!Capturing.tellsByUid(known.policy())
                || known.policy().keepCapabilities().contains(Capabilities.SETUID)) {
            return Stream.empty();
        }
        return pod.containers().stream()
                .map(container -> container.at("securityContext"))
                .filter(context -> context.flag("allowPrivilegeEscalation"))
                .map(context -> Refusal.found(
                        context.pathOf("allowPrivilegeEscalation"),
                        true,
                        "false or nothing, or SETUID in spec.keepCapabilities of EgressPolicy "
                                + known.policy().id() + ": a set-user-ID file can take the sidecar's user id"));
    }
}
