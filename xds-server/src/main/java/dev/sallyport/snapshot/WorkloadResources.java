package dev.sallyport.snapshot;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.envoy.EntryListeners;
import dev.sallyport.envoy.ProxyRoutes;
import dev.sallyport.envoy.ResourceNames;
import dev.sallyport.envoy.Translation;
import dev.sallyport.envoy.WorkloadModel;
import dev.sallyport.envoy.WorkloadTranslator;
import dev.sallyport.policy.HostEntry;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What one model became, without its secrets: translated and serialised once, and kept as long as the model is the same. Thread-safe. */
final class WorkloadResources {
    /** So many sets of ports are remembered for one model; a Pod has one, and on one machine each {@code run} has its own. */
    private static final int PORT_SETS = 64;

    private final WorkloadModel model;
    private final EntryListeners.Basis basis;
    private final ResourcePool pool;
    private final SortedMap<String, VersionedResource> clusters;
    private final SortedMap<String, VersionedResource> internalListeners;
    private final SortedMap<String, VersionedResource> routes;
    private final SortedSet<String> secretNames;

    /** All of them, by the ports of a sidecar. */
    private final Map<SidecarPorts, SortedMap<String, VersionedResource>> listeners =
            Collections.synchronizedMap(newest());

    /** Those that bind ports, by the ports of a sidecar. */
    private final Map<SidecarPorts, SortedMap<String, VersionedResource>> entryListeners;

    /**
     * @param base of an earlier model of the workload: what the two have in common is not made again
     */
    WorkloadResources(WorkloadModel model, ResourcePool pool, @Nullable WorkloadResources base) {
        this.model = model;
        this.pool = pool;
        Translation translation = WorkloadTranslator.translate(model);
        clusters = Collections.unmodifiableSortedMap(pool.of(ResourceType.CLUSTER, translation.clusters()));
        internalListeners =
                Collections.unmodifiableSortedMap(pool.of(ResourceType.LISTENER, translation.internalListeners()));
        routes = Collections.unmodifiableSortedMap(pool.of(ResourceType.ROUTE, translation.routes()));
        secretNames = translation.secretNames();
        basis = EntryListeners.Basis.of(model);
        entryListeners =
                base != null && base.basis.equals(basis) ? base.entryListeners : Collections.synchronizedMap(newest());
    }

    private static <V> Map<SidecarPorts, V> newest() {
        return new LinkedHashMap<>(4, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<SidecarPorts, V> eldest) {
                return size() > PORT_SETS;
            }
        };
    }

    WorkloadModel model() {
        return model;
    }

    SortedMap<String, VersionedResource> clusters() {
        return clusters;
    }

    SortedMap<String, VersionedResource> routes() {
        return routes;
    }

    SortedSet<String> secretNames() {
        return secretNames;
    }

    /** Made again when it was forgotten: equal ports always get equal listeners. */
    SortedMap<String, VersionedResource> listeners(SidecarPorts ports) {
        SortedMap<String, VersionedResource> known = listeners.get(ports);
        if (known != null) {
            return known;
        }
        SortedMap<String, VersionedResource> all = new TreeMap<>(internalListeners);
        all.putAll(entryListeners(ports));
        SortedMap<String, VersionedResource> made = Collections.unmodifiableSortedMap(all);
        listeners.put(ports, made);
        return made;
    }

    private SortedMap<String, VersionedResource> entryListeners(SidecarPorts ports) {
        SortedMap<String, VersionedResource> known = entryListeners.get(ports);
        if (known != null) {
            return known;
        }
        SortedMap<String, VersionedResource> made = pool.of(ResourceType.LISTENER, EntryListeners.of(basis, ports));
        entryListeners.put(ports, made);
        return made;
    }

    VersionedResource denyAllRoutes(String name) {
        return pool.of(ResourceType.ROUTE, name, ProxyRoutes.denyAll(name, model.id()));
    }

    /** The {@code proxy} routes of this model with other entries. */
    VersionedResource proxyRoutes(List<HostEntry> hosts) {
        WorkloadModel narrowed = new WorkloadModel(
                model.id(),
                hosts,
                model.denyHint(),
                model.unavailable(),
                model.trustedCas(),
                model.leaving(),
                model.retainedPorts(),
                model.workloadCas());
        return pool.of(ResourceType.ROUTE, ResourceNames.PROXY, ProxyRoutes.of(narrowed));
    }
}
