package dev.sallyport.policy;

import java.time.Duration;
import java.util.List;

/**
 * One accepted policy, normalised, with every default applied. Equal content is equal whatever the order it was written in.
 *
 * @param id namespace and name
 * @param access what the workload may reach
 * @param capture how its traffic gets to the sidecar
 * @param serviceAccounts sorted; empty: any
 * @param keepCapabilities sorted; a subset of SETUID, SETGID
 * @param hosts sorted by pattern
 * @param expose sorted by name
 * @param leafTtl 60 s to 168 h
 */
public record EgressPolicy(
        PolicyId id,
        Access access,
        Capture capture,
        List<String> serviceAccounts,
        List<String> keepCapabilities,
        List<HostEntry> hosts,
        List<ExposedPort> expose,
        Duration leafTtl) {
    public EgressPolicy {
        serviceAccounts = List.copyOf(serviceAccounts);
        keepCapabilities = List.copyOf(keepCapabilities);
        hosts = List.copyOf(hosts);
        expose = List.copyOf(expose);
    }
}
