package dev.sallyport.settings;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the platform team says of its cluster, once for all workloads. Immutable.
 *
 * @param resolvers IP addresses that Pods ask for names, in the order of their resolv.conf; a node-local cache belongs here. Empty: the Pods of {@code dns} alone
 * @param dns the Pods that answer for the cluster's DNS Service
 * @param controlPlane where sidecars connect
 * @param noProxy what apps do not ask the proxy for: host names, {@code .suffix} for all names below one, IP addresses
 * @param clusterCidrs the ranges of Pods and Services, for apps that understand ranges in {@code no_proxy}
 * @param images what is put into Pods
 * @param sidecarResources of each sidecar
 */
public record ClusterSettings(
        List<String> resolvers,
        PodGroup dns,
        ControlPlane controlPlane,
        List<String> noProxy,
        List<String> clusterCidrs,
        Images images,
        Resources sidecarResources) {
    /** The namespace that Sallyport is installed in by its manifests. */
    public static final String SYSTEM_NAMESPACE = "sallyport-system";

    /** As the manifests and most clusters have it. */
    public static final ClusterSettings DEFAULT = new ClusterSettings(
            List.of(),
            new PodGroup("kube-system", labels("k8s-app", "kube-dns")),
            new ControlPlane(
                    new PodGroup(SYSTEM_NAMESPACE, labels("app.kubernetes.io/name", "sallyport-xds-server")),
                    ControlPlane.addressIn(SYSTEM_NAMESPACE),
                    18_000),
            List.of(),
            List.of(),
            new Images(
                    "envoyproxy/envoy:distroless-v1.40.0", "sallyport-net:0.1.0", PullPolicy.IfNotPresent, List.of()),
            // 20.7 MB with 20 hosts and 98 KB for each further one (bench/sidecar-memory), and connections.
            new Resources(
                    new TreeMap<>(Map.of(Resources.CPU, "10m", Resources.MEMORY, "64Mi")),
                    new TreeMap<>(Map.of(Resources.MEMORY, "256Mi"))));

    public ClusterSettings {
        resolvers = List.copyOf(resolvers);
        noProxy = List.copyOf(noProxy);
        clusterCidrs = List.copyOf(clusterCidrs);
    }

    /** These, with other resolvers. */
    public ClusterSettings withResolvers(List<String> others) {
        return new ClusterSettings(others, dns, controlPlane, noProxy, clusterCidrs, images, sidecarResources);
    }

    /** What {@code no_proxy} of apps holds besides this machine itself: {@link #noProxy}, then {@link #clusterCidrs}. */
    public List<String> direct() {
        return Stream.concat(noProxy.stream(), clusterCidrs.stream()).toList();
    }

    /**
     * Pods of one namespace.
     *
     * @param namespace its name
     * @param labels all of which they carry; not empty
     */
    public record PodGroup(String namespace, SortedMap<String, String> labels) {
        public PodGroup {
            labels = sorted(labels);
        }
    }

    /**
     * The control plane.
     *
     * @param pods its Pods
     * @param address the name that sidecars look up, and that its certificate is for
     * @param port of its Pods and of its Service, TCP, 1 to 65535
     */
    public record ControlPlane(PodGroup pods, String address, int port) {
        /** Of the Service of the manifests in that namespace. */
        static String addressIn(String namespace) {
            return "sallyport-xds." + namespace + ".svc";
        }
    }

    /** When a node pulls an image, by the names that Kubernetes has for it. */
    public enum PullPolicy {
        Always,
        IfNotPresent,
        Never
    }

    /**
     * Images of the containers that are put into Pods.
     *
     * @param sidecar holds Envoy, with a tag or digest
     * @param netInit sets packet rules, with a tag or digest
     * @param pullPolicy of both
     * @param pullSecrets names of Secrets that must exist in the namespace of each Pod
     */
    public record Images(String sidecar, String netInit, PullPolicy pullPolicy, List<String> pullSecrets) {
        public Images {
            pullSecrets = List.copyOf(pullSecrets);
        }
    }

    /**
     * Quantities by {@link #CPU} and {@link #MEMORY}, as Kubernetes writes them.
     *
     * @param requests what a node sets aside
     * @param limits what is never exceeded; none for what is absent
     */
    public record Resources(SortedMap<String, String> requests, SortedMap<String, String> limits) {
        public static final String CPU = "cpu";
        public static final String MEMORY = "memory";

        public Resources {
            requests = sorted(requests);
            limits = sorted(limits);
        }
    }

    private static SortedMap<String, String> sorted(SortedMap<String, String> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }

    private static SortedMap<String, String> labels(String name, String value) {
        return new TreeMap<>(Map.of(name, value));
    }
}
