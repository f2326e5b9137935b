package dev.sallyport.inject;

import java.util.stream.Stream;

/** A privileged container takes down whatever rules the Pod has. */
final class PrivilegedContainers implements PodRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        return pod.containers().stream()
                .map(container -> container.at("securityContext"))
                .filter(context -> context.flag("privileged"))
                .map(context -> Refusal.found(
                        context.pathOf("privileged"),
                        true,
                        "false or nothing: a privileged container can take down the packet rules"));
    }
}
