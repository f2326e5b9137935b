package dev.sallyport.inject;

import java.util.stream.Stream;

/** What no Pod of a workload may have, whatever its policy says. */
@FunctionalInterface
interface PodRule {
    Stream<Refusal> refusals(WorkloadPod pod);
}
