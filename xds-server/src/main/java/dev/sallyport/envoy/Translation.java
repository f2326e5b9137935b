package dev.sallyport.envoy;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The Envoy resources of one workload that are the same for all its sidecars. {@link EntryListeners} has the rest.
 *
 * @param clusters by name
 * @param internalListeners {@code tls/PORT}, by name
 * @param routes {@code proxy} and {@code tls/PORT}, by name
 * @param secretNames all secrets that these resources refer to
 */
public record Translation(
        SortedMap<String, Cluster> clusters,
        SortedMap<String, Listener> internalListeners,
        SortedMap<String, RouteConfiguration> routes,
        SortedSet<String> secretNames) {
    public Translation {
        clusters = Collections.unmodifiableSortedMap(new TreeMap<>(clusters));
        internalListeners = Collections.unmodifiableSortedMap(new TreeMap<>(internalListeners));
        routes = Collections.unmodifiableSortedMap(new TreeMap<>(routes));
        secretNames = Collections.unmodifiableSortedSet(new TreeSet<>(secretNames));
    }
}
