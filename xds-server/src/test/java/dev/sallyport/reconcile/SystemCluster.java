package dev.sallyport.reconcile;

import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.nio.file.Path;

/** A cluster with the CRD and what the control plane may do, from the manifests as they are shipped. */
final class SystemCluster implements AutoCloseable {
    static final String NAMESPACE = "sallyport-system";
    static final Path MANIFESTS =
            Path.of(System.getProperty("basedir", ".")).resolve("..").resolve("manifests");

    private final KubernetesCluster cluster;
    private final Config config;
    private final ApiServer server;

    SystemCluster(KubernetesOptions options) {
        this.cluster = KubernetesCluster.start(options);
        cluster.apply(MANIFESTS.resolve("crd"), MANIFESTS.resolve("system/namespace.yaml"));
        cluster.apply(MANIFESTS.resolve("system/rbac.yaml"));
        this.config = new ConfigBuilder(cluster.serviceAccount(NAMESPACE, "sallyport-xds-server"))
                .withRequestRetryBackoffLimit(0)
                .build();
        this.server = ApiServer.of(config);
    }

    KubernetesCluster cluster() {
        return cluster;
    }

    /** Of the control plane's ServiceAccount. */
    Config config() {
        return config;
    }

    /** As the control plane's ServiceAccount. */
    ApiServer server() {
        return server;
    }

    @Override
    public void close() {
        server.close();
        cluster.close();
    }
}
