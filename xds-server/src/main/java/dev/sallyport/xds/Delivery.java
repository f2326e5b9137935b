package dev.sallyport.xds;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.snapshot.WorkloadSnapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings one sidecar from what it holds to one snapshot, in an order in which no request of the app fails that both allow:
 *
 * <ol>
 *   <li>clusters that are new or changed;
 *   <li>secrets that are subscribed; one that was taken away becomes a tombstone only after the routes that turn its host off;
 *   <li>the routes inside TLS, and at the proxy only what the old and the new snapshot both allow;
 *   <li>listeners, {@code ready} after all others;
 *   <li>the final routes at the proxy, when every secret and route of the new chains is there;
 *   <li>what is not needed any more is removed.
 * </ol>
 *
 * <p>Envoy handles the responses of one stream in order, so "clusters first" needs no acknowledgement; the other steps do. What the sidecar rejected counts as done: it must not hold back the removal of access.
 */
final class Delivery {
    private static final String PROXY = "proxy";
    private static final String READY = "ready";

    private final WorkloadSnapshot target;
    private final @Nullable WorkloadSnapshot previous;
    private final SidecarTypes types;
    private final long gateNanos;
    private final SortedMap<String, VersionedResource> listeners;
    private final SecretDelivery secrets;
    private final Map<String, VersionedResource> denied = new HashMap<>();
    private @Nullable VersionedResource interim;
    private boolean listenersSettled;
    private long listenersSettledAt;
    private boolean complete;

    /**
     * @param previous the last snapshot that this sidecar held completely; null when that is not known
     * @param gateNanos how long the final proxy routes wait for the secrets of new chains
     */
    Delivery(
            WorkloadSnapshot target,
            @Nullable WorkloadSnapshot previous,
            SidecarPorts ports,
            SidecarTypes types,
            long gateNanos) {
        this.target = target;
        this.previous = previous;
        this.types = types;
        this.gateNanos = gateNanos;
        this.listeners = target.listeners(ports);
        this.secrets = new SecretDelivery(target, types.secrets());
    }

    WorkloadSnapshot target() {
        return target;
    }

    Collection<VersionedResource> listeners() {
        return listeners.values();
    }

    /**
     * Looks at what has come since the last call. Call before {@link #addTo} and {@link #isComplete}.
     *
     * @param changedSecrets secrets to which something happened since then
     */
    void advance(Set<String> changedSecrets, long now) {
        secrets.changed(changedSecrets);
        if (!areListenersSettled()) {
            listenersSettled = false;
        } else if (!listenersSettled) {
            listenersSettled = true;
            listenersSettledAt = now;
        }
        complete |= isEverythingSettled(now);
    }

    /** Whether the sidecar holds everything of the snapshot but what it rejected. Once true it stays so. */
    boolean isComplete() {
        return complete;
    }

    /** How long until the final proxy routes wait no longer; {@link Long#MAX_VALUE} when they do not wait for time. */
    long nanosToGate(long now) {
        long left = listenersSettledAt + gateNanos - now;
        return complete || !listenersSettled || left <= 0 ? Long.MAX_VALUE : left;
    }

    /** Adds what may be sent of a type now. */
    void addTo(Candidates candidates, ResourceType type, long now) {
        switch (type) {
            case CLUSTER -> target.clusters().values().forEach(candidates::addIfNeeded);
            case SECRET -> secrets.addTo(candidates, areInnerRoutesSettled());
            case ROUTE -> addRoutes(candidates, now);
            case LISTENER -> addListeners(candidates, now);
        }
    }

    /** Whether the snapshot has no resource of a type at all. */
    boolean isEmpty(ResourceType type) {
        return switch (type) {
            case CLUSTER -> target.clusters().isEmpty();
            case LISTENER -> listeners.isEmpty();
            case ROUTE, SECRET -> false;
        };
    }

    /** The resource of that name that the snapshot leads to in the end; empty when there is none. */
    Optional<VersionedResource> wanted(ResourceType type, String name) {
        return switch (type) {
            case CLUSTER -> Optional.ofNullable(target.clusters().get(name));
            case LISTENER -> Optional.ofNullable(listeners.get(name));
            case ROUTE -> Optional.of(route(name));
            case SECRET -> target.secret(name);
        };
    }

    private void addRoutes(Candidates candidates, long now) {
        boolean clustersSent = areClustersSent();
        for (String name : new TreeSet<>(types.routes().subscribedNames())) {
            VersionedResource route = name.equals(PROXY) ? proxyStep(now) : route(name);
            // A listener waits for the first answer; a route to a cluster that is still to come is better than none.
            if (route != null && (clustersSent || !types.routes().holds(name))) {
                candidates.addIfNeeded(route);
            }
        }
    }

    private void addListeners(Candidates candidates, long now) {
        boolean start = types.listeners().holdsNothing();
        if (!areClustersSent() || !(start || areInnerRoutesSettled() && isProxyStepSettled(now))) {
            return;
        }
        boolean readyMayGo = mayOpenReady();
        for (VersionedResource listener : listeners.values()) {
            if (readyMayGo || !listener.name().equals(READY)) {
                candidates.addIfNeeded(listener);
            }
        }
    }

    /** At start a listener that was rejected keeps {@code ready} back: the sidecar would be ready without it. */
    private boolean mayOpenReady() {
        boolean open = types.listeners().holds(READY);
        for (VersionedResource listener : listeners.values()) {
            boolean done = open
                    ? types.listeners().isSettled(listener)
                    : types.listeners().holds(listener);
            if (!done && !listener.name().equals(READY)) {
                return false;
            }
        }
        return true;
    }

    /** The routes that the proxy should have now; null: what it has. */
    private @Nullable VersionedResource proxyStep(long now) {
        VersionedResource last = route(PROXY);
        if (complete || !types.routes().holds(PROXY) || types.routes().holds(last) || isGateOpen(now)) {
            return last;
        }
        return previous == null ? null : interim(previous, last);
    }

    private VersionedResource interim(WorkloadSnapshot from, VersionedResource last) {
        VersionedResource routes = interim;
        if (routes == null) {
            routes = target.interimProxyRoutes(from).orElse(last);
            interim = routes;
        }
        return routes;
    }

    private boolean isProxyStepSettled(long now) {
        VersionedResource step = proxyStep(now);
        return step == null || types.routes().isSettled(step);
    }

    private boolean isGateOpen(long now) {
        return listenersSettled
                && (areDependenciesSettled() || isSomethingRejected() || now - listenersSettledAt >= gateNanos);
    }

    /** Secrets of chains that the sidecar never took would be waited for in vain. */
    private boolean isSomethingRejected() {
        return listeners.values().stream().anyMatch(types.listeners()::isRejected)
                || target.clusters().values().stream().anyMatch(types.clusters()::isRejected);
    }

    /** Envoy subscribes the routes of a listener before it acknowledges the listener; a port without intercepted hosts has none. */
    private boolean areDependenciesSettled() {
        return secrets.isComplete() && areInnerRoutesSettled();
    }

    private boolean areInnerRoutesSettled() {
        return types.routes().subscribedNames().stream()
                .filter(name -> !name.equals(PROXY))
                .allMatch(name -> types.routes().isSettled(route(name)));
    }

    private boolean areClustersSent() {
        return target.clusters().values().stream().allMatch(types.clusters()::isSent);
    }

    private boolean areListenersSettled() {
        return types.listeners().isRequested()
                && listeners.values().stream()
                        .filter(listener -> !listener.name().equals(READY))
                        .allMatch(types.listeners()::isSettled);
    }

    private boolean isEverythingSettled(long now) {
        return isGateOpen(now)
                && target.clusters().values().stream().allMatch(types.clusters()::isSettled)
                && secrets.isSettled()
                && areInnerRoutesSettled()
                && types.routes().isSettled(route(PROXY))
                && isReadySettled();
    }

    private boolean isReadySettled() {
        VersionedResource ready = listeners.get(READY);
        return ready == null || types.listeners().isSettled(ready) || isSomethingRejected();
    }

    private VersionedResource route(String name) {
        VersionedResource route = target.routes().get(name);
        return route != null ? route : denied.computeIfAbsent(name, target::denyAllRoutes);
    }
}
