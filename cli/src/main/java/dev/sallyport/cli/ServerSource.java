package dev.sallyport.cli;

import dev.sallyport.kubernetes.ClusterConnection;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.settings.SettingsException;
import dev.sallyport.settings.SettingsFile;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where {@code xds-server} reads what it serves: files, or a cluster. */
final class ServerSource {
    @ArgGroup(exclusive = false, multiplicity = "1", heading = "%nFrom files:%n")
    private @Nullable Files files;

    @ArgGroup(exclusive = false, multiplicity = "1", heading = "%nFrom Kubernetes:%n")
    private @Nullable Cluster cluster;

    /** Files and directories. */
    static final class Files {
        @Option(
                names = "--policies",
                required = true,
                paramLabel = "DIR",
                description = "A directory of policy files, or one file. Repeatable. May be empty or missing at first.")
        private List<Path> policies = new ArrayList<>();

        @Option(names = "--secrets", paramLabel = "DIR", description = "Secrets as files DIR/NAME/KEY.")
        private @Nullable Path secrets;

        @Option(names = "--config-maps", paramLabel = "DIR", description = "ConfigMaps as files DIR/NAME/KEY.")
        private @Nullable Path configMaps;

        @Option(
                names = "--state",
                required = true,
                paramLabel = "DIR",
                description = "Its own directory, made where it does not exist.")
        private Path state = Path.of("");

        List<Path> policies() {
            return policies;
        }

        Optional<Path> secrets() {
            return Optional.ofNullable(secrets);
        }

        Optional<Path> configMaps() {
            return Optional.ofNullable(configMaps);
        }

        Path state() {
            return state;
        }
    }

    /** A cluster. */
    static final class Cluster {
        @Option(
                names = "--kubernetes",
                required = true,
                description = "Read from the API server: of the cluster that this Pod runs in, or of --kubeconfig.")
        @SuppressWarnings("UnusedVariable") // that it was given is what says it
        private boolean kubernetes;

        @Option(
                names = "--kubeconfig",
                paramLabel = "FILE",
                description = "How to reach the API server, in its current context, where this is no Pod.")
        private @Nullable Path kubeconfig;

        @Option(
                names = "--system-namespace",
                paramLabel = "NAMESPACE",
                description = "Where Sallyport is installed (default: $POD_NAMESPACE, then sallyport-system).")
        private @Nullable String systemNamespace;

        @Option(
                names = "--replica",
                paramLabel = "NAME",
                description = "Names this process among the replicas (default: $POD_NAME, then the host's name).")
        private @Nullable String replica;

        @Option(
                names = "--settings",
                paramLabel = "FILE",
                description = "What holds for the whole cluster, as docs/SETTINGS.md says (default: its defaults).")
        private @Nullable Path settings;

        ClusterSettings settings() throws IOException {
            if (settings == null) {
                return ClusterSettings.DEFAULT;
            }
            try {
                return SettingsFile.read(settings);
            } catch (SettingsException e) {
                throw new UserError(String.valueOf(e.getMessage()));
            }
        }

        Config connection(Map<String, String> environment) throws IOException {
            return kubeconfig == null
                    ? ClusterConnection.inPod(environment, ClusterConnection.SERVICE_ACCOUNT)
                    : ClusterConnection.of(kubeconfig);
        }

        String systemNamespace(Map<String, String> environment) {
            return label(
                    "--system-namespace",
                    systemNamespace == null
                            ? environment.getOrDefault("POD_NAMESPACE", ClusterSettings.SYSTEM_NAMESPACE)
                            : systemNamespace);
        }

        String replica(Map<String, String> environment) throws UnknownHostException {
            return label(
                    "--replica",
                    replica == null
                            ? environment.getOrDefault(
                                    "POD_NAME", InetAddress.getLocalHost().getHostName())
                            : replica);
        }

        /** It becomes a part of names of objects. */
        private static String label(String option, String value) {
            if (!value.matches("[a-z0-9]([-.a-z0-9]{0,198}[a-z0-9])?")) {
                throw new UserError(
                        ExitCode.USAGE,
                        option + " " + value
                                + " (expected: lower-case letters, digits, - and ., at most 200, as names of Kubernetes objects have them)");
            }
            return value;
        }
    }

    Files files() {
        if (files == null) {
            throw new IllegalStateException("not from files");
        }
        return files;
    }

    /** {@code null}: from files. */
    @Nullable
    Cluster cluster() {
        return cluster;
    }

    Cluster requireCluster() {
        if (cluster == null) {
            throw new IllegalStateException("not from Kubernetes");
        }
        return cluster;
    }
}
