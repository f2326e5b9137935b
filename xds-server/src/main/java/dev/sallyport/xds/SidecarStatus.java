package dev.sallyport.xds;

import dev.sallyport.bootstrap.EnvoyVersion;
import dev.sallyport.policy.PolicyId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One connected sidecar.
 *
 * @param sidecar which one of the workload, as its token proves
 * @param nodeId what it calls itself; proved by nothing
 * @param envoy the version it reports
 * @param held the revision that it holds completely; empty until it does for the first time on this stream
 * @param target the revision that it is brought to; empty until its first request
 * @param rejected what it refused of that revision, by type and name
 * @param since when it connected
 */
public record SidecarStatus(
        PolicyId workload,
        String sidecar,
        String nodeId,
        Optional<EnvoyVersion> envoy,
        Optional<String> held,
        Optional<String> target,
        List<RejectedResource> rejected,
        Instant since) {
    /** Whether it holds the newest revision and refused nothing of it. */
    public boolean isCurrent() {
        return held.isPresent() && held.equals(target) && rejected.isEmpty();
    }
}
