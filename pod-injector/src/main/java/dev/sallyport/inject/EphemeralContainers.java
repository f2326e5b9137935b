package dev.sallyport.inject;

import java.util.stream.Stream;

/** No Pod begins with an ephemeral container, and a workload's never gets one: it would have none of what the others got. */
final class EphemeralContainers implements PodRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        return pod.spec().list("ephemeralContainers").stream()
                .map(container -> Refusal.found(container.path(), "container " + container.text("name"), "none"));
    }
}
