package dev.sallyport.inject;

import java.util.stream.Stream;

/** No container adds a capability beyond the baseline of the Pod Security Standards: among the others are those that change packet rules, send raw packets, or read other processes. */
final class AddedCapabilities implements PodRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        return pod.containers().stream()
                .flatMap(container -> container.at("securityContext").at("capabilities").texts("add").stream())
                .filter(added -> !Capabilities.BASELINE.contains(Capabilities.normalised(added.value())))
                .map(
                        added -> Refusal.found(
                                added.path(),
                                added.value(),
                                "one of the Pod Security baseline (CHOWN, KILL, NET_BIND_SERVICE, …): with others a container can leave its sidecar"));
    }
}
