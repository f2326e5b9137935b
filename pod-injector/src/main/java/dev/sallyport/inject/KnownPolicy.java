package dev.sallyport.inject;

import dev.sallyport.policy.EgressPolicy;
import java.util.List;

/** What is known of the policy that a Pod names. */
public sealed interface KnownPolicy {
    /** There is none of that name. */
    record Absent() implements KnownPolicy {}

    /**
     * It is there and denies everything.
     *
     * @param problems why, one line each
     */
    record NotInForce(List<String> problems) implements KnownPolicy {
        public NotInForce {
            problems = List.copyOf(problems);
        }
    }

    /**
     * It is in force.
     *
     * @param networkPolicy whether the NetworkPolicy of its Pods exists
     */
    record InForce(EgressPolicy policy, boolean networkPolicy) implements KnownPolicy {}
}
