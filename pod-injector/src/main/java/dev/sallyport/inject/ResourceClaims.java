package dev.sallyport.inject;

import java.util.stream.Stream;

/** A driver may put anything of the node into a container that claims it: devices, files, network interfaces. */
final class ResourceClaims implements PodRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        Stream<PodElement> ofContainers =
                pod.containers().stream().flatMap(container -> container.at("resources").list("claims").stream());
        return Stream.concat(pod.spec().list("resourceClaims").stream(), ofContainers)
                .map(claim -> Refusal.found(
                        claim.path(),
                        "claim " + claim.text("name"),
                        "none: a driver could add a network that the packet rules do not see"));
    }
}
