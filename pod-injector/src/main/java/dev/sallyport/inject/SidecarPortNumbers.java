package dev.sallyport.inject;

import dev.sallyport.bootstrap.SidecarPorts;
import java.util.List;
import java.util.stream.Stream;

/** Where the sidecar listens nobody else does. */
final class SidecarPortNumbers implements PolicyRule {
    private static final List<Long> PORTS =
            List.of((long) SidecarPorts.DEFAULT.proxy(), (long) SidecarPorts.DEFAULT.capture(), (long)
                    SidecarPorts.DEFAULT.ready());

    @Override
    public Stream<Refusal> refusals(WorkloadPod pod, KnownPolicy.InForce known) {
        if (!Capturing.hasSidecar(known.policy())) {
            return Stream.empty();
        }
        return pod.containers().stream()
                .flatMap(container -> container.list("ports").stream())
                .filter(port -> PORTS.contains(port.integer("containerPort").orElse(0)))
                .map(port -> Refusal.found(
                        port.pathOf("containerPort"),
                        port.integer("containerPort").orElse(0),
                        "a port that is not the sidecar's (" + PORTS + ")"));
    }
}
