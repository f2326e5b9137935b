package dev.sallyport.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How the API server is reached: by the ServiceAccount of the Pod that this runs in, or as a kubeconfig file says. Nothing else is looked at, neither {@code ~/.kube} nor proxy variables: a service must not connect to whatever cluster
 * somebody last worked with.
 */
public final class ClusterConnection {
    /** Where Kubernetes mounts a Pod's ServiceAccount. */
    public static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    private static final String HOST = "KUBERNETES_SERVICE_HOST";
    private static final String PORT = "KUBERNETES_SERVICE_PORT";

    /**
     * As the kubeconfig file says, in its current context.
     *
     * @throws IOException when it cannot be read, or names no cluster; the message is for people
     */
    public static Config of(Path kubeconfig) throws IOException {
        if (!Files.isReadable(kubeconfig)) {
            throw new IOException(kubeconfig + ": no such file, or not readable (expected: a kubeconfig file)");
        }
        try {
            return required(Config.fromKubeconfig(kubeconfig.toFile()), kubeconfig);
        } catch (KubernetesClientException | IllegalArgumentException e) {
            throw new IOException(kubeconfig + ": not a kubeconfig file: " + e.getMessage(), e);
        }
    }

    /** A file that names no cluster would mean a default address. */
    private static Config required(Config config, Path kubeconfig) throws IOException {
        if (config.getCurrentContext() == null) {
            throw new IOException(kubeconfig + ": it has no current context (see: kubectl config use-context)");
        }
        return config;
    }

    /**
     * Of the Pod that this runs in. Its token is read again for each request: Kubernetes replaces it hourly.
     *
     * @param environment of the process
     * @param serviceAccount the directory of {@code ca.crt} and {@code token}
     * @throws IOException when this is no Pod, or its ServiceAccount is not mounted
     */
    public static Config inPod(Map<String, String> environment, Path serviceAccount) throws IOException {
        Optional<String> host = Optional.ofNullable(environment.get(HOST)).filter(value -> !value.isEmpty());
        if (host.isEmpty()) {
            throw new IOException("this is no Pod of a cluster: " + HOST + " is not set (give --kubeconfig FILE)");
        }
        Path token = serviceAccount.resolve("token");
        Path ca = serviceAccount.resolve("ca.crt");
        for (Path file : new Path[] {token, ca}) {
            if (!Files.isReadable(file)) {
                throw new IOException(
                        file + ": no such file, or not readable (expected: the Pod's ServiceAccount, mounted)");
            }
        }
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(url(host.get(), environment.getOrDefault(PORT, "443")))
                .withCaCertFile(ca.toString())
                .withOauthTokenProvider(() -> read(token))
                .build();
    }

    private static String url(String host, String port) {
        return "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** What it holds for as long as it is replaced: nothing, which the API server refuses. */
    private static String read(Path token) {
        try {
            return Files.readString(token).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private ClusterConnection() {}
}
