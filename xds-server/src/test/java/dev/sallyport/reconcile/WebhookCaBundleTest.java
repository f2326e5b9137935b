package dev.sallyport.reconcile;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.SystemCa;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceThread;
import dev.sallyport.testing.TestClock;
import dev.sallyport.testing.kubernetes.KubernetesOptions;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WebhookCaBundleTest {
    private static final String TWO_WEBHOOKS = """
            apiVersion: admissionregistration.k8s.io/v1
            kind: MutatingWebhookConfiguration
            metadata: {name: sallyport-pod-injector}
            webhooks:
            - name: pods.sallyport.dev
              clientConfig: {service: {namespace: sallyport-system, name: sallyport-pod-injector, path: /inject}}
              rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
              objectSelector: {matchLabels: {nobody: has-this}}
              sideEffects: None
              admissionReviewVersions: [v1]
            - name: more.sallyport.dev
              clientConfig: {service: {namespace: sallyport-system, name: sallyport-pod-injector, path: /more}}
              rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
              objectSelector: {matchLabels: {nobody: has-this}}
              sideEffects: None
              admissionReviewVersions: [v1]
            """;

    private static SystemCluster system;

    private final TestClock clock = TestClock.at("2026-01-01T00:00:00Z");
    private final SystemCa ca = new SystemCa(RootSeed.of(new byte[RootSeed.LENGTH]), clock);
    private final SourceThread thread = new SourceThread(Clock.systemUTC());
    private volatile boolean leader = true;

    @BeforeAll
    static void start() {
        system = new SystemCluster(KubernetesOptions.DEFAULT);
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    @AfterEach
    void end() {
        thread.close();
        system.cluster().kubectl("delete", "mutatingwebhookconfiguration", WebhookCaBundle.NAME, "--ignore-not-found");
    }

    private WebhookCaBundle keeper() {
        return keeper(() -> leader);
    }

    private WebhookCaBundle keeper(BooleanSupplier mayWrite) {
        WebhookCaBundle keeper = new WebhookCaBundle(
                new WebhookCaBundle.Sources(system.server(), thread, new SourceHealth(Clock.systemUTC())),
                ca::pem,
                mayWrite);
        keeper.start();
        return keeper;
    }

    private static void apply() {
        assertThat(system.cluster()
                        .kubectlWithInput(TWO_WEBHOOKS, "apply", "-f", "-")
                        .exitCode())
                .isZero();
    }

    private static List<String> bundles() {
        return system
                .cluster()
                .client()
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(WebhookCaBundle.NAME)
                .get()
                .getWebhooks()
                .stream()
                .map(webhook -> String.valueOf(webhook.getClientConfig().getCaBundle()))
                .toList();
    }

    private static String version() {
        return system.cluster()
                .client()
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(WebhookCaBundle.NAME)
                .get()
                .getMetadata()
                .getResourceVersion();
    }

    private static String wanted(String pem) {
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyWebhookTrustsTheSystemCaAgainWhenItIsWipedAndAtTheChangeOfAnEpoch() {
        apply();
        try (WebhookCaBundle keeper = keeper()) {
            String first = wanted(ca.pem());
            eventually(() -> assertThat(bundles()).containsExactly(first, first));
            assertThat(system.cluster()
                            .kubectl(
                                    "patch",
                                    "mutatingwebhookconfiguration",
                                    WebhookCaBundle.NAME,
                                    "--type=json",
                                    "-p",
                                    "[{\"op\": \"remove\", \"path\": \"/webhooks/1/clientConfig/caBundle\"}]")
                            .exitCode())
                    .isZero();
            eventually(() -> assertThat(bundles()).containsExactly(first, first));
            clock.advance(Duration.ofDays(181));
            String second = wanted(ca.pem());
            assertThat(second).isNotEqualTo(first);
            eventually(() -> assertThat(bundles()).containsExactly(second, second));
            assertThat(keeper.problem()).isEmpty();
        }
    }

    @Test
    void writesNothingWhereNothingDiffersOrAnotherReplicaWrites() {
        apply();
        leader = false;
        AtomicInteger asked = new AtomicInteger();
        try (WebhookCaBundle keeper = keeper(() -> {
            asked.incrementAndGet();
            return leader;
        })) {
            String untouched = version();
            eventually(() -> assertThat(asked.get()).isGreaterThan(2));
            assertThat(version()).isEqualTo(untouched);
            leader = true;
            eventually(() -> assertThat(bundles()).containsOnly(wanted(ca.pem())));
            String written = version();
            int before = asked.get();
            eventually(() -> assertThat(asked.get()).isGreaterThan(before + 2));
            assertThat(version()).isEqualTo(written);
            assertThat(keeper.problem()).isEmpty();
        }
    }

    @Test
    void neverMakesTheConfigurationAndWritesItWhenItComes() {
        AtomicInteger asked = new AtomicInteger();
        try (WebhookCaBundle keeper = keeper(() -> asked.incrementAndGet() > 0)) {
            eventually(() -> assertThat(asked.get()).isGreaterThan(2));
            assertThat(system.cluster()
                            .kubectl("get", "mutatingwebhookconfiguration", WebhookCaBundle.NAME)
                            .exitCode())
                    .isNotZero();
            apply();
            eventually(() -> assertThat(bundles()).containsOnly(wanted(ca.pem())));
            assertThat(keeper.problem()).isEmpty();
        }
    }
}
