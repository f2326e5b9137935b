package dev.sallyport.policy;

import java.util.List;
import java.util.Optional;

/**
 * One element of {@code spec.hosts}, normalised, with every default applied.
 *
 * @param host which names it covers
 * @param action what happens to them
 * @param ports sorted, without repetition; empty for {@link Action#Deny}, which covers every port
 * @param tls {@link TlsMode#Intercept} only with an exact host
 * @param addresses which resolved addresses are used; of no effect with {@code resolveTo}
 * @param resolveTo fixed addresses, in the order written; empty: the name is resolved
 * @param trustedCa replaces the public roots for this host
 * @param credentials sorted by header
 * @param timeouts of requests and streams
 */
public record HostEntry(
        HostPattern host,
        Action action,
        List<Integer> ports,
        TlsMode tls,
        Addresses addresses,
        List<PinnedAddress> resolveTo,
        Optional<ConfigMapKey> trustedCa,
        List<CredentialSpec> credentials,
        Timeouts timeouts) {
    public HostEntry {
        ports = List.copyOf(ports);
        resolveTo = List.copyOf(resolveTo);
        credentials = List.copyOf(credentials);
    }

    /** Whether the entry lets a connection to {@code port} through. */
    public boolean allows(int port) {
        return action == Action.Allow && ports.contains(port);
    }
}
