package dev.sallyport.testing.kubernetes;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A real Kubernetes API server with its etcd on loopback, with the admission plugins and RBAC of a real cluster, for one test run or, where a test stops or crashes it, for one test. There are no nodes:
 * a Pod stays Pending until a test binds it and patches its status. Nothing of it outlives this JVM.
 */
public final class KubernetesCluster implements AutoCloseable {
    private final ClusterFiles files;
    private final ServerCommands commands;
    private final ClusterAccess access;
    private final EtcdGateway etcdGateway;
    private final TestServer etcd;
    private final TestServer apiServer;
    private final TestServer controllerManager;
    private final Kubectl kubectl;

    private KubernetesCluster(KubernetesOptions options) {
        this.files = ClusterFiles.create(options.signingKey());
        this.commands = new ServerCommands(new KubernetesBinaries(System.getenv()), files, options);
        this.access = new ClusterAccess(files, commands);
        this.etcdGateway = new EtcdGateway(commands.etcdUrl());
        Path logs = files.path("");
        this.etcd = new TestServer("etcd", commands::etcd, etcdGateway::isHealthy, logs);
        this.apiServer = new TestServer("kube-apiserver", commands::apiServer, access::isReady, logs);
        this.controllerManager = new TestServer(
                "kube-controller-manager",
                () -> commands.controllerManager(kubeconfig(access.user("system:kube-controller-manager"))),
                () -> true,
                logs);
        this.kubectl = new Kubectl(
                () -> commands.program("kubectl"), access.kubeconfig(access.user("admin", "system:masters")));
    }

    /** One of a test's own, ready; close it. */
    public static KubernetesCluster start(KubernetesOptions options) {
        KubernetesCluster cluster = new KubernetesCluster(options);
        try {
            cluster.etcd.start();
            cluster.apiServer.start();
            if (options.controllers()) {
                cluster.controllerManager.start();
            }
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** The one that all tests of this JVM share, without controllers: each in a {@link #namespace} of its own, none stops it or changes what others see. Started at the first call. */
    public static KubernetesCluster shared() {
        return Shared.CLUSTER;
    }

    private static final class Shared {
        static final KubernetesCluster CLUSTER = start(KubernetesOptions.DEFAULT);

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(CLUSTER::close, "kubernetes-shutdown"));
        }
    }

    public TestServer apiServer() {
        return apiServer;
    }

    public TestServer etcd() {
        return etcd;
    }

    /** Runs only when {@link KubernetesOptions#controllers} says so, or when a test starts it. */
    public TestServer controllerManager() {
        return controllerManager;
    }

    /** Makes etcd forget every revision before the newest. The API server goes on serving older ones from its cache until it is started anew. */
    public void compactEtcd() {
        etcdGateway.compact();
    }

    /** Signs ServiceAccount tokens with a new key from the next start of the API server on; tokens signed with earlier keys stay valid. */
    public void newTokenKey(SigningKey type) {
        files.newTokenKey(type);
    }

    /** A client that may do everything; not to be closed. It retries nothing. */
    public KubernetesClient client() {
        return access.admin();
    }

    /** A client for one user, closed with the cluster. */
    public KubernetesClient client(Config config) {
        return access.connect(config);
    }

    /** How a user of this name connects: by a client certificate. Without {@link #grant} it may do nothing; the group {@code system:masters} may do everything. */
    public Config user(String name, String... groups) {
        return access.user(name, groups);
    }

    /** How a ServiceAccount connects: by a token of one hour. It is created when it is not there; its user is {@code system:serviceaccount:NAMESPACE:NAME}. */
    public Config serviceAccount(String namespace, String name) {
        return access.serviceAccount(namespace, name);
    }

    /** Lets a user do this in every namespace. */
    public void grant(String user, PolicyRule... rules) {
        access.grant(user, rules);
    }

    /** Lets a user do this in one namespace. */
    public void grantIn(String namespace, String user, PolicyRule... rules) {
        access.grantIn(namespace, user, rules);
    }

    /** Creates a namespace, named after the test and unlike any other, with its {@code default} ServiceAccount. */
    public String namespace(Class<?> test) {
        return access.namespace(test.getSimpleName());
    }

    /** A kubeconfig file of a user who may do everything. */
    public Path kubeconfig() {
        return kubectl.kubeconfig();
    }

    /** A kubeconfig file of that user. */
    public Path kubeconfig(Config user) {
        return access.kubeconfig(user);
    }

    /** Runs kubectl as a user who may do everything, and returns when it ends. */
    public Kubectl.Outcome kubectl(String... arguments) {
        return kubectl.run("", arguments);
    }

    /** The same with something on its standard input, for {@code -f -}. */
    public Kubectl.Outcome kubectlWithInput(String input, String... arguments) {
        return kubectl.run(input, arguments);
    }

    /** Applies files or directories as a person would, and returns when the kinds that they define are served. What kubectl printed, warnings included. */
    public String apply(Path... manifests) {
        return kubectl.apply(manifests);
    }

    /** Sends one request as a user who may do everything: for what clients would not send. */
    public ApiReply send(String method, String path, String contentType, String body) {
        return access.send(method, path, contentType, body);
    }

    /** {@code https://127.0.0.1:PORT}, the same over all restarts. */
    public String url() {
        return commands.apiUrl();
    }

    /** PEM: what verifies the API server. */
    public String certificateAuthority() {
        return files.authority().rootPem();
    }

    /** One JSON object a line, in the order of completion. */
    public Optional<Path> auditLog() {
        return Optional.of(files.path("audit.log")).filter(file -> file.toFile().exists());
    }

    /** Ends all servers by SIGKILL and deletes their data. */
    @Override
    public void close() {
        access.close();
        controllerManager.kill();
        apiServer.kill();
        etcd.kill();
        files.delete();
    }
}
