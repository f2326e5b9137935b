package dev.sallyport.snapshot;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/** What the sidecars of one workload should hold. Immutable, thread-safe, shared by all streams of the workload. */
public interface WorkloadSnapshot {
    PolicyId workload();

    /** HMAC over everything below, keyed from the root seed: equal content, equal revision, on every replica. */
    String revision();

    /** Clusters by name. */
    SortedMap<String, VersionedResource> clusters();

    /** Listeners by name: {@code tls/PORT}, {@code proxy}, {@code capture} where the ports ask for it, {@code ready}. */
    SortedMap<String, VersionedResource> listeners(SidecarPorts ports);

    /** Route configurations by name: {@code proxy} and one {@code tls/PORT} for each internal listener. */
    SortedMap<String, VersionedResource> routes();

    /** The answer to a subscription of a route configuration that does not exist: one that denies everything. */
    VersionedResource denyAllRoutes(String name);

    /** Names of all secrets that clusters and listeners refer to. */
    SortedSet<String> secretNames();

    /** One of {@link #secretNames()}; empty when there is none of that name. A credential without a usable value is there as a tombstone, always. */
    Optional<VersionedResource> secret(String name);

    /** Whether that secret is a tombstone: an empty value in the place of one that cannot be used. It goes out only after the routes that turn its host off. */
    boolean isTombstone(String name);

    /**
     * The {@code proxy} routes on the way from {@code held} to this snapshot: only what both allow. It goes out before listeners change, so that a removed host is refused at the proxy before its chain goes, and an added one is
     * not let in before its chain is warm. Empty when the final routes may go out at once (nothing was added).
     */
    Optional<VersionedResource> interimProxyRoutes(WorkloadSnapshot held);
}
