package dev.sallyport.envoy;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One workload as the translator needs it: no Secret values, no Kubernetes, nothing that changes without a change of the configuration.
 *
 * @param id whose sidecars these resources are for
 * @param hosts the policy's entries, sorted; empty: everything is refused
 * @param denyHint the hint of {@code host_not_allowed} answers, one sentence for a person; says so when the policy is not accepted
 * @param unavailable exact hosts of which a credential is missing or unusable: their route answers 500
 * @param trustedCas PEM text by exact host, for hosts with {@code trustedCa}; a host with {@code trustedCa} that is not in here has none that can be used, and its requests are refused as
 *     {@code upstream_untrusted}
 * @param leaving hosts that were taken away within the drain time: requests on their open connections get 403 with this reason
 * @param retainedPorts ports whose internal listener is kept although no entry lists them any more
 * @param workloadCas PEM text of the workload's CA certificates, what {@code upgrade/PORT} trusts
 */
public record WorkloadModel(
        PolicyId id,
        List<HostEntry> hosts,
        String denyHint,
        SortedSet<String> unavailable,
        SortedMap<String, String> trustedCas,
        SortedMap<String, Reason> leaving,
        SortedSet<Integer> retainedPorts,
        String workloadCas) {
    public WorkloadModel {
        hosts = List.copyOf(hosts);
        unavailable = Collections.unmodifiableSortedSet(new TreeSet<>(unavailable));
        trustedCas = Collections.unmodifiableSortedMap(new TreeMap<>(trustedCas));
        leaving = Collections.unmodifiableSortedMap(new TreeMap<>(leaving));
        retainedPorts = Collections.unmodifiableSortedSet(new TreeSet<>(retainedPorts));
    }
}
