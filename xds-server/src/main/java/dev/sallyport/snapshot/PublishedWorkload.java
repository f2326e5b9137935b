package dev.sallyport.snapshot;

import dev.sallyport.policy.PolicyId;

/**
 * Says that something changed for one workload, for those who keep files or objects in step with it.
 *
 * @param publicRoots whether its trust bundle needs the public roots
 */
public record PublishedWorkload(PolicyId id, boolean publicRoots) {}
