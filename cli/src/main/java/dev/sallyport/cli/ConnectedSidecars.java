package dev.sallyport.cli;

import dev.sallyport.reconcile.ReplicaReport;
import dev.sallyport.xds.RejectedResource;
import dev.sallyport.xds.SidecarStatus;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What this replica reports of the sidecars of Pods that are connected to it. */
final class ConnectedSidecars {
    private static final int MOST_REASONS = 3;
    /** Of all reasons of one sidecar together: equal ones are written once, but each may differ. */
    private static final int LONGEST_REASONS = 512;

    private ConnectedSidecars() {}

    static ReplicaReport report(Collection<SidecarStatus> sidecars) {
        return ReplicaReport.of(
                sidecars.stream().map(ConnectedSidecars::connected).toList());
    }

    private static ReplicaReport.Connected connected(SidecarStatus sidecar) {
        return new ReplicaReport.Connected(
                sidecar.workload(),
                pod(sidecar.sidecar()),
                new ReplicaReport.Held(sidecar.held(), reasons(sidecar.rejected())));
    }

    /** A sidecar is known as {@code POD/UID}. */
    private static String pod(String sidecar) {
        int slash = sidecar.indexOf('/');
        return slash < 0 ? sidecar : sidecar.substring(0, slash);
    }

    private static Optional<String> reasons(List<RejectedResource> rejected) {
        if (rejected.isEmpty()) {
            return Optional.empty();
        }
        String reasons = rejected.stream()
                .limit(MOST_REASONS)
                .map(ConnectedSidecars::reason)
                .collect(Collectors.joining("; "));
        String all = rejected.size() > MOST_REASONS
                ? reasons + "; and " + (rejected.size() - MOST_REASONS) + " more"
                : reasons;
        return Optional.of(all.length() > LONGEST_REASONS ? all.substring(0, LONGEST_REASONS - 1) + "…" : all);
    }

    /** Envoy's own words go over several lines at times. */
    private static String reason(RejectedResource resource) {
        return resource.type().name().toLowerCase(Locale.ROOT) + " " + resource.name() + ": "
                + resource.reason().replaceAll("\\s+", " ").strip();
    }
}
