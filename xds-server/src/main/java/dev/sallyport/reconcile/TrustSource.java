package dev.sallyport.reconcile;

import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.SystemCa;
import dev.sallyport.pki.TrustBundle;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.policy.PolicyId;
import java.time.Instant;

/**
 * Where the certificates come from that Pods trust.
 *
 * @param cas those that apps trust their sidecar by
 * @param publicRoots for workloads with hosts that are passed through
 * @param systemCa what sidecars check the control plane with
 */
public record TrustSource(WorkloadCas cas, PublicRoots publicRoots, SystemCa systemCa) {
    /**
     * Equal as long as every workload's certificates are.
     *
     * @param nextChange of those of apps
     */
    record Period(Instant nextChange, String systemCaPem) {}

    /** This one. What is made after it is of this period or a later one. */
    Period period() {
        return new Period(cas.nextChange(), systemCa.pem());
    }

    TrustBundle bundle(PolicyId workload, boolean withPublicRoots) {
        return withPublicRoots
                ? TrustBundle.withPublicRoots(cas.bundle(workload), publicRoots)
                : TrustBundle.workloadOnly(cas.bundle(workload));
    }
}
