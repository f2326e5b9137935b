package dev.sallyport.reconcile;

import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.SystemCa;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.snapshot.ControlLoop;
import dev.sallyport.snapshot.ControlLoopConfig;
import dev.sallyport.snapshot.WorkloadPki;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.source.kubernetes.KubernetesPods;
import dev.sallyport.source.kubernetes.KubernetesSource;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceThread;
import dev.sallyport.testing.TestClock;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** One replica of the control plane as far as it keeps objects and status: everything but the xDS server. */
final class Replica implements AutoCloseable {
    static final Leadership.Timing QUICK =
            new Leadership.Timing(Duration.ofSeconds(3), Duration.ofMillis(100), Duration.ofSeconds(1));

    private static final PublicRoots ROOTS = roots();

    /** Of the certificates that Pods trust. The control loop has the real one: it would find everything due, again and again, by one that stands still. */
    final TestClock certificates = new TestClock(Instant.parse("2026-11-21T12:00:00Z"));
    /** Of what replicas report. */
    final TestClock fleetTime = new TestClock(Instant.parse("2026-11-21T12:00:00Z"));

    final FleetView fleet = new FleetView(fleetTime);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    /** What stands between the control loop and the reconciler. */
    volatile UnaryOperator<Optional<WorkloadStatus>> between = UnaryOperator.identity();

    final SourceThread thread = new SourceThread(Clock.systemUTC());
    final ControlLoop loop;
    final ClusterReconciler reconciler;
    private final ApiServer server;
    private final KubernetesPods pods;
    private final KubernetesSource source;
    private boolean ended;

    Replica(Config config, String name) {
        server = ApiServer.of(config);
        SourceHealth health = new SourceHealth(Clock.systemUTC());
        pods = new KubernetesPods(server, thread, health);
        source = new KubernetesSource(server, thread, health);
        RootSeed seed = RootSeed.of(new byte[RootSeed.LENGTH]);
        Clock clock = Clock.systemUTC();
        WorkloadCas cas = new WorkloadCas(seed, clock);
        loop = new ControlLoop(
                ControlLoopConfig.DEFAULT,
                new WorkloadPki(seed, cas, new LeafIssuer(seed, cas, clock), ROOTS),
                clock,
                meters);
        reconciler = new ClusterReconciler(new ClusterReconciler.Parts(
                config,
                SystemCluster.NAMESPACE,
                name,
                ClusterSettings.DEFAULT,
                QUICK,
                new ClusterReconciler.Sources(server, thread, health),
                new ClusterReconciler.Knowledge(pods, this::workload, fleet, () -> true),
                new TrustSource(new WorkloadCas(seed, certificates), ROOTS, new SystemCa(seed, certificates)),
                meters,
                clock));
    }

    private static PublicRoots roots() {
        try {
            return PublicRoots.load(Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<WorkloadStatus> workload(PolicyId id) {
        return between.apply(loop.status(id));
    }

    Replica started() {
        loop.onStatus(reconciler::changed);
        reconciler.start();
        loop.start();
        pods.start();
        source.start(loop::accept);
        return this;
    }

    /** Ends as a killed process does. */
    void kill() {
        reconciler.abandon();
        endRest();
    }

    @Override
    public void close() {
        if (!ended) {
            reconciler.close();
            endRest();
        }
    }

    private void endRest() {
        ended = true;
        source.close();
        pods.close();
        loop.close();
        thread.close();
        server.close();
    }
}
