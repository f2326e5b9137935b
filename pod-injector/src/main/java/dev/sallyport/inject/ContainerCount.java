package dev.sallyport.inject;

import java.util.stream.Stream;

/** Each container gets an environment; a Pod of thousands would become too large to be stored. */
final class ContainerCount implements PodRule {
    private static final int MOST = 100;

    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        int found = pod.containers().size();
        return found > MOST
                ? Stream.of(Refusal.found(
                        pod.spec().pathOf("containers"), found + " containers of all kinds", "at most " + MOST))
                : Stream.empty();
    }
}
