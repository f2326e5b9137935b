package dev.sallyport.inject;

import java.util.stream.Stream;

/** What a Pod may not have under its policy. */
@FunctionalInterface
interface PolicyRule {
    Stream<Refusal> refusals(WorkloadPod pod, KnownPolicy.InForce known);
}
