package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.inject.InjectorSettings;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.SystemCa;
import dev.sallyport.reconcile.RootSeedSecret;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.testing.Eventually;
import dev.sallyport.testing.kubernetes.Kubectl;
import dev.sallyport.testing.kubernetes.KubernetesCluster;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import dev.sallyport.webhook.WebhookConfig;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real API server with this repository's manifests, and the injector with the rights of its own ServiceAccount, reached by URL: there is no node. */
final class InjectorCluster implements AutoCloseable {
    static final String NAMESPACE = "agents";
    private static final String SYSTEM = "sallyport-system";
    private static final Path MANIFESTS =
            Path.of(System.getProperty("basedir", ".")).resolve("..").resolve("manifests");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesCluster kubernetes = KubernetesCluster.start(KubernetesOptions.DEFAULT.withControllers());
    private final Config injectorRights;
    private final RootSeed seed;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private KubernetesInjector injector;

    InjectorCluster() throws IOException {
        kubernetes.apply(MANIFESTS.resolve("crd"), MANIFESTS.resolve("system/namespace.yaml"));
        kubernetes.apply(MANIFESTS.resolve("injector/rbac.yaml"));
        apply("{apiVersion: v1, kind: Namespace, metadata: {name: " + NAMESPACE + "}}");
        try (ApiServer server = ApiServer.of(kubernetes.user("admin", "system:masters"))) {
            seed = new RootSeedSecret(server, SYSTEM).loadOrCreate();
        }
        injectorRights = kubernetes.serviceAccount(SYSTEM, "sallyport-pod-injector");
        Eventually.eventually(() -> assertThat(kubernetes
                        .kubectl("get", "serviceaccount", "default", "-n", NAMESPACE)
                        .exitCode())
                .isZero());
        injector = started(0);
        apply(configuration(injector.port(), new SystemCa(seed, Clock.systemUTC()).pem()));
        awaitWebhook();
    }

    /** The manifest, with an address in the place of the Service, and the CA that the control plane would put there. */
    private static String configuration(int port, String ca) throws IOException {
        String manifest = Files.readString(MANIFESTS.resolve("injector/webhook.yaml"));
        Matcher service =
                Pattern.compile("service: \\{[^}]*path: /inject[^}]*}").matcher(manifest);
        assertThat(service.find()).isTrue();
        return service.replaceFirst("url: https://localhost:" + port + "/inject\n    caBundle: "
                + Base64.getEncoder().encodeToString(ca.getBytes(StandardCharsets.US_ASCII)));
    }

    private KubernetesInjector started(int port) throws IOException {
        InjectorSettings settings = new InjectorSettings(
                ClusterSettings.DEFAULT, List.of(InetAddress.getByName("10.0.0.10")), true, "0.1.0");
        WebhookConfig normal = WebhookConfig.listeningOn(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        WebhookConfig hasty = new WebhookConfig(
                normal.listen(),
                normal.maxRequest(),
                normal.maxConcurrent(),
                normal.requestTime(),
                normal.idleTime(),
                normal.maxConnections(),
                Duration.ofMillis(1));
        KubernetesInjector started = new KubernetesInjector(
                new KubernetesInjector.Options(injectorRights, SYSTEM, settings, hasty, List.of("localhost")),
                seed,
                meters,
                Clock.systemUTC());
        started.start();
        Eventually.eventually(() -> assertThat(started.notReady()).isEmpty());
        return started;
    }

    /** Until the API server calls it, and trusts it. */
    private void awaitWebhook() {
        Eventually.eventually(() -> {
            Kubectl.Outcome outcome = create(
                    "{apiVersion: v1, kind: Pod, metadata: {name: probe, labels: {sallyport.dev/policy: nothing}}, spec: {containers: [{name: a, image: a}]}}",
                    "--dry-run=server");
            assertThat(outcome.output()).contains("found nothing, expected the name of an EgressPolicy");
        });
    }

    /** Ends it; its address stays free. */
    int stopInjector() {
        int port = injector.port();
        injector.close();
        return port;
    }

    void startInjector(int port) throws IOException {
        injector = started(port);
    }

    KubernetesCluster kubernetes() {
        return kubernetes;
    }

    SimpleMeterRegistry meters() {
        return meters;
    }

    /** As kubectl would; it must succeed. */
    void apply(String yaml) {
        Kubectl.Outcome outcome = kubernetes.kubectlWithInput(yaml, "apply", "--server-side", "-f", "-");
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
    }

    /** What kubectl says of an object that is made in {@value #NAMESPACE}. */
    Kubectl.Outcome create(String yaml, String... arguments) {
        List<String> all = new ArrayList<>(List.of("create", "-n", NAMESPACE, "-f", "-"));
        all.addAll(List.of(arguments));
        return kubernetes.kubectlWithInput(yaml, all.toArray(String[]::new));
    }

    /** A Pod as it was stored. */
    ObjectNode pod(String name) {
        Kubectl.Outcome outcome = kubernetes.kubectl("get", "pod", name, "-n", NAMESPACE, "-o", "json");
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        return json(outcome.output());
    }

    static ObjectNode json(String text) {
        try {
            return (ObjectNode) JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    /** A policy, once the injector has heard of it: a Pod of it is not refused for want of one. */
    void policy(String name, String spec) {
        apply("""
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: %s, namespace: %s}
                spec: %s
                """.formatted(name, NAMESPACE, spec));
        Eventually.eventually(() -> assertThat(
                        create(pod("probe", name, ""), "--dry-run=server").output())
                .doesNotContain("expected the name of an EgressPolicy"));
    }

    /** A Pod of that policy; {@code fields} of its spec are lines of YAML. */
    static String pod(String name, String policy, String fields) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {sallyport.dev/policy: %s}}
                spec:
                  containers: [{name: app, image: app:1}]
                %s
                """.formatted(name, policy, fields.indent(2));
    }

    @Override
    public void close() {
        injector.close();
        meters.close();
        kubernetes.close();
    }
}
