package dev.sallyport.testing.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Users of a cluster, what they may do, and clients for them. Thread-safe. */
final class ClusterAccess implements AutoCloseable {
    private static final Duration TOKEN_LIFE = Duration.ofHours(1);
    private static final int PROBE_MILLIS = 2_000;
    private static final int SEND_SECONDS = 30;
    private static final int CONFLICT = 409;

    private final ClusterFiles files;
    private final ServerCommands commands;
    private final AtomicInteger counter = new AtomicInteger();
    private final List<KubernetesClient> clients = new CopyOnWriteArrayList<>();
    private final KubernetesClient admin;
    private final KubernetesClient probe;

    ClusterAccess(ClusterFiles files, ServerCommands commands) {
        this.files = files;
        this.commands = commands;
        Config masters = user("admin", "system:masters");
        this.admin = connect(
                new ConfigBuilder(masters).withRequestRetryBackoffLimit(0).build());
        this.probe = connect(new ConfigBuilder(masters)
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(PROBE_MILLIS)
                .withConnectionTimeout(PROBE_MILLIS)
                .build());
    }

    KubernetesClient admin() {
        return admin;
    }

    KubernetesClient connect(Config config) {
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build();
        clients.add(client);
        return client;
    }

    Config user(String name, String... groups) {
        ClusterFiles.Credentials credentials = files.client(name, groups);
        return base().withUsername(name)
                .withClientCertData(base64(credentials.certificate()))
                .withClientKeyData(base64(credentials.key()))
                .withClientKeyAlgo("EC")
                .build();
    }

    Config serviceAccount(String namespace, String name) {
        createServiceAccount(namespace, name);
        TokenRequest request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(TOKEN_LIFE.toSeconds())
                .endSpec()
                .build();
        String token = admin.serviceAccounts()
                .inNamespace(namespace)
                .withName(name)
                .tokenRequest(request)
                .getStatus()
                .getToken();
        return base().withNamespace(namespace).withOauthToken(token).build();
    }

    void grant(String user, PolicyRule... rules) {
        ObjectMeta meta = named("");
        create(new ClusterRoleBuilder().withMetadata(meta).withRules(rules).build());
        create(new ClusterRoleBindingBuilder()
                .withMetadata(meta)
                .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", meta.getName())
                .build());
    }

    void grantIn(String namespace, String user, PolicyRule... rules) {
        ObjectMeta meta = named(namespace);
        create(new RoleBuilder().withMetadata(meta).withRules(rules).build());
        create(new RoleBindingBuilder()
                .withMetadata(meta)
                .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", meta.getName())
                .build());
    }

    String namespace(String test) {
        String words = test.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
        String name = words + "-" + counter.incrementAndGet();
        create(new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .build());
        createServiceAccount(name, "default");
        return name;
    }

    /** The admission of Pods wants one, and its controller may not run. */
    private void createServiceAccount(String namespace, String name) {
        try {
            create(new ServiceAccountBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace)
                    .withName(name)
                    .endMetadata()
                    .build());
        } catch (KubernetesClientException e) {
            if (e.getCode() != CONFLICT) {
                throw e;
            }
        }
    }

    Path kubeconfig(Config user) {
        String credentials = user.getOauthToken() != null
                ? "token: " + user.getOauthToken()
                : "client-certificate-data: " + user.getClientCertData() + ", client-key-data: "
                        + user.getClientKeyData();
        return files.write("kubeconfig-" + counter.incrementAndGet(), """
                apiVersion: v1
                kind: Config
                clusters: [{name: test, cluster: {server: "%s", certificate-authority-data: %s}}]
                users: [{name: test, user: {%s}}]
                contexts: [{name: test, context: {cluster: test, user: test}}]
                current-context: test
                """.formatted(
                        commands.apiUrl(), user.getCaCertData(), credentials));
    }

    boolean isReady() {
        try {
            return send(probe, "GET", "/readyz", "application/json", "").status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    ApiReply send(String method, String path, String contentType, String body) {
        try {
            return send(admin, method, path, contentType, body);
        } catch (IOException e) {
            throw new IllegalStateException(method + " " + path + ": " + e.getMessage(), e);
        }
    }

    private ApiReply send(KubernetesClient client, String method, String path, String contentType, String body)
            throws IOException {
        var http = client.getHttpClient();
        var request = http.newHttpRequestBuilder()
                .uri(commands.apiUrl() + path)
                .method(method, contentType, body.isEmpty() ? null : body)
                .build();
        try {
            HttpResponse<String> reply = http.sendAsync(request, String.class).get(SEND_SECONDS, TimeUnit.SECONDS);
            return new ApiReply(reply.code(), reply.body(), String.join("\n", reply.headers("warning")));
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        clients.forEach(KubernetesClient::close);
    }

    private ConfigBuilder base() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(commands.apiUrl())
                .withCaCertData(base64(files.authority().rootPem()));
    }

    private void create(HasMetadata object) {
        admin.resource(object).create();
    }

    private ObjectMeta named(String namespace) {
        return new ObjectMetaBuilder()
                .withName("test-" + counter.incrementAndGet())
                .withNamespace(namespace.isEmpty() ? null : namespace)
                .build();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
