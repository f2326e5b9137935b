package dev.sallyport.identity;

import dev.sallyport.policy.PolicyId;
import java.time.Instant;

/**
 * Who is at the other end of a stream, as its token proves.
 *
 * @param workload whose resources it may have
 * @param sidecar which sidecar of the workload: a Pod, or on one machine the token's subject; streams are limited by it
 * @param expires when the token does; the stream ends then
 */
public record WorkloadIdentity(PolicyId workload, String sidecar, Instant expires) {}
