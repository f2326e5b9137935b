package dev.sallyport.settings;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the platform team says of its cluster, once for all workloads. Immutable.
 *
 * @param resolvers IP addresses that Pods ask for names, in the order of their resolv.conf; a node-local cache belongs here. Empty: the Pods of {@code dns} alone
 * @param dns the Pods that answer for the cluster's DNS Service
 * @param controlPlane where sidecars connect
 */
public record ClusterSettings(List<String> resolvers, PodGroup dns, ControlPlane controlPlane) {
    /** The namespace that Sallyport is installed in by its manifests. */
    public static final String SYSTEM_NAMESPACE = "sallyport-system";

    /** As the manifests and most clusters have it. */
    public static final ClusterSettings DEFAULT = new ClusterSettings(
            List.of(),
            new PodGroup("kube-system", labels("k8s-app", "kube-dns")),
            new ControlPlane(
                    new PodGroup(SYSTEM_NAMESPACE, labels("app.kubernetes.io/name", "sallyport-xds-server")), 18_000));

    public ClusterSettings {
        resolvers = List.copyOf(resolvers);
    }

    /**
     * Pods of one namespace.
     *
     * @param namespace its name
     * @param labels all of which they carry; not empty
     */
    public record PodGroup(String namespace, SortedMap<String, String> labels) {
        public PodGroup {
            labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        }
    }

    /**
     * The control plane.
     *
     * @param pods its Pods
     * @param port of its Pods and of its Service, TCP, 1 to 65535
     */
    public record ControlPlane(PodGroup pods, int port) {}

    private static SortedMap<String, String> labels(String name, String value) {
        return new TreeMap<>(Map.of(name, value));
    }
}
