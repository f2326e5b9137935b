package dev.sallyport.xds;

import dev.sallyport.bootstrap.EnvoyVersion;
import dev.sallyport.identity.WorkloadIdentity;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.WorkloadSnapshot;
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

    /** Before the first request. */
    static SidecarStatus connecting(WorkloadIdentity identity, Instant since) {
        return new SidecarStatus(
                identity.workload(),
                identity.sidecar(),
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                since);
    }

    SidecarStatus reported(SidecarNode node) {
        return new SidecarStatus(workload, sidecar, node.id(), node.envoy(), held, target, rejected, since);
    }

    SidecarStatus progressed(StreamState state, List<RejectedResource> refused) {
        return new SidecarStatus(
                workload,
                sidecar,
                nodeId,
                envoy,
                state.held().map(WorkloadSnapshot::revision),
                Optional.of(state.target().revision()),
                refused,
                since);
    }
}
