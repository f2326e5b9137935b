package dev.sallyport.inject;

import dev.sallyport.policy.PolicyId;

/** Where the policies are looked up. Thread-safe. */
@FunctionalInterface
public interface PolicyLookup {
    /** What is known now. */
    KnownPolicy find(PolicyId workload);
}
