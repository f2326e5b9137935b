package dev.sallyport.cli;

import dev.sallyport.inject.InjectorSettings;
import dev.sallyport.inject.PodInjector;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.SystemCa;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceReadiness;
import dev.sallyport.source.kubernetes.SourceThread;
import dev.sallyport.webhook.WebhookConfig;
import dev.sallyport.webhook.WebhookServer;
import dev.sallyport.xds.ReloadingKeyManager;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One replica of the injector: policies in, Pods admitted or refused. It needs no xds-server, and no other replica. The composition root of {@code pod-injector}. Constructing it connects to nothing, {@link #start} begins to serve,
 * {@link #close} ends in the reverse order.
 */
final class KubernetesInjector implements AutoCloseable {
    /**
     * What it is given.
     *
     * @param cluster how the API server is reached
     * @param systemNamespace where Sallyport is installed
     * @param serverNames what the API server may call it besides the name of its Service
     */
    record Options(
            Config cluster,
            String systemNamespace,
            InjectorSettings settings,
            WebhookConfig webhook,
            List<String> serverNames) {}

    private final ApiServer server;
    private final SourceThread thread;
    private final ClusterPolicies policies;
    private final SourceReadiness readiness;
    private final WebhookServer webhook;

    KubernetesInjector(Options options, RootSeed seed, MeterRegistry meters, Clock clock) {
        SystemCa ca = new SystemCa(seed, clock);
        SourceHealth health = new SourceHealth(clock, meters);
        server = ApiServer.of(options.cluster());
        thread = new SourceThread(clock);
        policies = new ClusterPolicies(server, thread, health);
        readiness = new SourceReadiness(health, policies::synced);
        webhook = new WebhookServer(
                options.webhook(),
                new ReloadingKeyManager(new ServerIdentity(ca.issue(names(options)))::current),
                new PodInjector(options.settings(), policies),
                readiness::notReady,
                meters);
    }

    private static List<String> names(Options options) {
        return Stream.concat(
                        Stream.of("sallyport-pod-injector." + options.systemNamespace() + ".svc"),
                        options.serverNames().stream())
                .distinct()
                .toList();
    }

    void start() throws IOException {
        policies.start();
        webhook.start();
    }

    /** The port that the API server connects to, once started. */
    int port() {
        return webhook.port();
    }

    /** Why it cannot decide, one line; empty: it can. */
    Optional<String> notReady() {
        return readiness.notReady();
    }

    /** What a person should know though it decides, one line; empty: nothing. */
    Optional<String> remark() {
        return readiness.stale();
    }

    @Override
    public void close() {
        webhook.close();
        policies.close();
        thread.close();
        server.close();
    }
}
