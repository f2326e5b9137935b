package dev.sallyport.testing.kubernetes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the servers of one cluster are called. What a test does not need is left at the default, so that they behave as in a cluster. */
final class ServerCommands {
    private final KubernetesBinaries binaries;
    private final ClusterFiles files;
    private final KubernetesOptions options;
    private final int etcdPort = FreePorts.next();
    private final int etcdPeerPort = FreePorts.next();
    private final int apiPort = FreePorts.next();

    ServerCommands(KubernetesBinaries binaries, ClusterFiles files, KubernetesOptions options) {
        this.binaries = binaries;
        this.files = files;
        this.options = options;
    }

    String etcdUrl() {
        return "http://127.0.0.1:" + etcdPort;
    }

    String apiUrl() {
        return "https://127.0.0.1:" + apiPort;
    }

    List<String> etcd() {
        String peer = "http://127.0.0.1:" + etcdPeerPort;
        return List.of(
                program("etcd"),
                "--name=test",
                "--data-dir=" + files.path("etcd"),
                // The data of a test may be lost with the machine.
                "--unsafe-no-fsync",
                "--log-level=warn",
                "--listen-client-urls=" + etcdUrl(),
                "--advertise-client-urls=" + etcdUrl(),
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=test=" + peer);
    }

    List<String> apiServer() {
        List<String> command = new ArrayList<>(List.of(
                program("kube-apiserver"),
                "--etcd-servers=" + etcdUrl(),
                "--bind-address=127.0.0.1",
                // Both keep it from looking for an address of the host, which a network of the tests' own may not have,
                // and from writing a loopback Endpoints object.
                "--advertise-address=127.0.0.1",
                "--endpoint-reconciler-type=none",
                "--secure-port=" + apiPort,
                "--service-cluster-ip-range=10.0.0.0/24",
                "--allow-privileged=true",
                "--tls-cert-file=" + files.path("apiserver.crt"),
                "--tls-private-key-file=" + files.path("apiserver.key"),
                "--client-ca-file=" + files.path("ca.crt"),
                "--authorization-mode=Node,RBAC",
                "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
                // Otherwise a SIGTERM waits a minute for open watches.
                "--shutdown-watch-termination-grace-period=1s",
                "--profiling=false"));
        command.addAll(tokenKeys());
        if (options.audit()) {
            command.add("--audit-policy-file=" + files.path("audit.yaml"));
            command.add("--audit-log-path=" + files.path("audit.log"));
        }
        command.addAll(options.apiServerArguments());
        return command;
    }

    private List<String> tokenKeys() {
        List<String> arguments = new ArrayList<>();
        List<Path> keys = files.tokenKeys();
        arguments.add("--service-account-signing-key-file=" + keys.get(0));
        for (Path key : keys) {
            arguments.add("--service-account-key-file=" + key.toString().replaceFirst("key$", "pub"));
        }
        return arguments;
    }

    /** The controllers that the tests need, of some forty. */
    List<String> controllerManager(Path kubeconfig) {
        return List.of(
                program("kube-controller-manager"),
                "--kubeconfig=" + kubeconfig,
                "--controllers=serviceaccount-controller,root-ca-certificate-publisher-controller,namespace-controller,garbage-collector-controller,deployment-controller,replicaset-controller",
                "--leader-elect=false",
                "--secure-port=0",
                // Otherwise the bootstrap roles forbid half of what they do.
                "--use-service-account-credentials=true",
                "--root-ca-file=" + files.path("ca.crt"));
    }

    String program(String name) {
        return binaries.program(name).toString();
    }
}
