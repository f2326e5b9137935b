package dev.sallyport.inject;

import java.util.stream.Stream;

/** A static Pod runs as its node's file has it. The API server has only its mirror, and a patch of that would change nothing but what one sees. */
final class StaticPods implements PodRule {
    private static final String MIRROR = "kubernetes.io/config.mirror";

    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        PodElement annotations = pod.pod().at("metadata").at("annotations");
        return annotations.has(MIRROR)
                ? Stream.of(new Refusal(
                        annotations.pathOf(MIRROR),
                        "found the mirror of a static Pod, expected none: no sidecar can be put into it"))
                : Stream.empty();
    }
}
