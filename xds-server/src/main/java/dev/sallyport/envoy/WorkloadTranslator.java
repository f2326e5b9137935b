package dev.sallyport.envoy;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import dev.sallyport.envoy.UpstreamTls.Trust;
import dev.sallyport.policy.Addresses;
import dev.sallyport.policy.HostEntry;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** Turns a workload into Envoy resources. A pure function: equal models give equal bytes. */
public final class WorkloadTranslator {
    /** What every workload has. */
    private static final List<Cluster> OF_ALL = Stream.concat(
                    Stream.of(InternalClusters.closed()), ResolvedClusters.shared(Addresses.Public))
            .map(Cluster.Builder::build)
            .toList();

    public static Translation translate(WorkloadModel model) {
        return new Translation(clusters(model), listeners(model), routes(model), secretNames(model));
    }

    private static SortedMap<String, Cluster> clusters(WorkloadModel model) {
        Entries entries = new Entries(model);
        Stream<Cluster> own = Stream.of(
                        entries.ports().stream().flatMap(port -> InternalClusters.of(port, model.workloadCas())),
                        usesPrivateAddresses(entries)
                                ? ResolvedClusters.shared(Addresses.Any)
                                : Stream.<Cluster.Builder>empty(),
                        entries.allowed().flatMap(entry -> ownClusters(model, entry)))
                .flatMap(clusters -> clusters)
                .map(Cluster.Builder::build);
        return byName(Stream.concat(OF_ALL.stream(), own), Cluster::getName);
    }

    private static boolean usesPrivateAddresses(Entries entries) {
        return entries.allowed()
                .anyMatch(entry -> entry.addresses() == Addresses.Any && !Destinations.hasOwnCluster(entry));
    }

    private static Stream<Cluster.Builder> ownClusters(WorkloadModel model, HostEntry entry) {
        if (!Destinations.hasOwnCluster(entry) || InnerRoutes.isUntrusted(model, entry)) {
            return Stream.empty();
        }
        Optional<String> ca =
                Optional.ofNullable(model.trustedCas().get(entry.host().text()));
        return HostClusters.of(entry, ca.map(Trust::in).orElse(Trust.PUBLIC));
    }

    private static SortedMap<String, Listener> listeners(WorkloadModel model) {
        return byName(
                new Entries(model).ports().stream().map(port -> InternalListener.of(model, port)), Listener::getName);
    }

    private static SortedMap<String, RouteConfiguration> routes(WorkloadModel model) {
        return byName(
                Stream.concat(
                        Stream.of(ProxyRoutes.of(model)),
                        new Entries(model).ports().stream().map(port -> InnerRoutes.of(model, port))),
                RouteConfiguration::getName);
    }

    private static SortedSet<String> secretNames(WorkloadModel model) {
        SortedSet<String> names = new TreeSet<>();
        names.add(ResourceNames.PUBLIC_ROOTS);
        new Entries(model)
                .allowed()
                .filter(entry -> !Destinations.isPassthrough(entry))
                .forEach(entry -> {
                    String host = entry.host().text();
                    names.add(ResourceNames.leaf(host));
                    entry.credentials()
                            .forEach(credential -> names.add(ResourceNames.credential(host, credential.header())));
                });
        return names;
    }

    private static <T> SortedMap<String, T> byName(Stream<T> resources, Function<T, String> name) {
        return resources.collect(toMap(
                name,
                identity(),
                (one, other) -> {
                    throw new IllegalStateException("two resources are called " + name.apply(one));
                },
                TreeMap::new));
    }

    private WorkloadTranslator() {}
}
