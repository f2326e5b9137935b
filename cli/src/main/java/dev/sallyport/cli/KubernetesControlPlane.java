package dev.sallyport.cli;

import dev.sallyport.identity.IssuerKeys;
import dev.sallyport.identity.PodClaimsResolver;
import dev.sallyport.identity.ServiceAccountTokens;
import dev.sallyport.kubernetes.ApiServerIssuer;
import dev.sallyport.kubernetes.ApiServerTokenReviews;
import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.SystemCa;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.reconcile.ClusterReconciler;
import dev.sallyport.reconcile.FleetView;
import dev.sallyport.reconcile.Leadership;
import dev.sallyport.reconcile.ReplicaReports;
import dev.sallyport.reconcile.TrustSource;
import dev.sallyport.reconcile.WebhookCaBundle;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.snapshot.ControlLoop;
import dev.sallyport.snapshot.ControlLoopConfig;
import dev.sallyport.snapshot.WorkloadPki;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.source.kubernetes.KubernetesPods;
import dev.sallyport.source.kubernetes.KubernetesSource;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceReadiness;
import dev.sallyport.source.kubernetes.SourceThread;
import dev.sallyport.xds.XdsServer;
import dev.sallyport.xds.XdsServerConfig;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of the control plane of a cluster: objects in, sidecars served, and objects and status kept in step by the replica that holds the Lease. The composition root of {@code xds-server --kubernetes}. Constructing it connects to
 * nothing, {@link #start} begins to serve, {@link #close} ends in the reverse order.
 */
final class KubernetesControlPlane implements ControlPlaneService {
    private static final Logger LOG = LoggerFactory.getLogger(KubernetesControlPlane.class);

    /**
     * What it is given.
     *
     * @param cluster how the API server is reached
     * @param systemNamespace where Sallyport is installed
     * @param replica names this process among the replicas
     * @param settings what the platform team says of the cluster
     * @param listen where sidecars connect; port 0: any that is free
     * @param drain how long sidecars keep connections of a host that was taken away, and the like
     */
    record Options(
            Config cluster,
            String systemNamespace,
            String replica,
            ClusterSettings settings,
            InetSocketAddress listen,
            PublicRoots publicRoots,
            ControlLoopConfig drain) {}

    private final Options options;
    private final ApiServer server;
    private final SourceThread thread;
    private final KubernetesPods pods;
    private final KubernetesSource source;
    private final ControlLoop loop;
    private final Revocation revocation;
    private final XdsServer xds;
    private final SourceReadiness readiness;
    private final ClusterReconciler reconciler;
    private final ReplicaReports reports;
    private final WebhookCaBundle webhook;
    private volatile boolean listening;

    KubernetesControlPlane(Options options, RootSeed seed, MeterRegistry meters, Clock clock) {
        this.options = options;
        WorkloadCas cas = new WorkloadCas(seed, clock);
        SystemCa systemCa = new SystemCa(seed, clock);
        SourceHealth health = new SourceHealth(clock, meters);
        server = ApiServer.of(options.cluster());
        thread = new SourceThread(clock);
        pods = new KubernetesPods(server, thread, health);
        source = new KubernetesSource(server, thread, health);
        loop = new ControlLoop(
                options.drain(),
                new WorkloadPki(seed, cas, new LeafIssuer(seed, cas, clock), options.publicRoots()),
                clock,
                meters);
        PodClaimsResolver resolver =
                new PodClaimsResolver(pods, id -> loop.status(id).flatMap(WorkloadStatus::policy));
        xds = new XdsServer(
                XdsServerConfig.listeningOn(options.listen()),
                loop,
                new ServiceAccountTokens(
                        new IssuerKeys(new ApiServerIssuer(server), clock),
                        new ApiServerTokenReviews(server),
                        resolver,
                        clock),
                new ServerIdentity(systemCa.issue(serverNames(options.systemNamespace(), options.settings())))::current,
                meters,
                clock);
        revocation = new Revocation(xds, resolver);
        readiness = new SourceReadiness(health, () -> loop.synced() && pods.synced());
        FleetView fleet = new FleetView(clock);
        reports = new ReplicaReports(
                new ReplicaReports.Sources(server, thread, health),
                new ReplicaReports.Self(
                        options.systemNamespace(),
                        options.replica(),
                        () -> ConnectedSidecars.report(xds.sidecars().sidecars())),
                fleet,
                this::reported,
                meters,
                clock);
        reconciler = new ClusterReconciler(new ClusterReconciler.Parts(
                options.cluster(),
                options.systemNamespace(),
                options.replica(),
                options.settings(),
                Leadership.Timing.DEFAULT,
                new ClusterReconciler.Sources(server, thread, health),
                new ClusterReconciler.Knowledge(pods, loop::status, fleet, reports::synced),
                new TrustSource(cas, options.publicRoots(), systemCa),
                meters,
                clock));
        webhook = new WebhookCaBundle(
                new WebhookCaBundle.Sources(server, thread, health), systemCa::pem, reconciler::isLeader);
    }

    /** Nothing is reported before the start, when the reconciler is there. */
    private void reported(Set<PolicyId> workloads) {
        reconciler.fleetChanged(workloads);
    }

    /** What sidecars call it: the name of its Service, the one of the settings, and the one that every bootstrap of ours verifies. */
    static List<String> serverNames(String systemNamespace, ClusterSettings settings) {
        return Stream.of(
                        StandaloneControlPlane.SERVER_NAME,
                        "sallyport-xds." + systemNamespace + ".svc",
                        settings.controlPlane().address())
                .distinct()
                .toList();
    }

    @Override
    public void start() throws IOException {
        options.publicRoots().problems().forEach(problem -> LOG.info("public roots: {}", problem));
        pods.onChange(revocation::changed);
        loop.onStatus(revocation::changed);
        loop.onStatus(reconciler::changed);
        loop.start();
        pods.start();
        source.start(loop::accept);
        revocation.start();
        reports.start();
        reconciler.start();
        webhook.start();
        XdsListening.start(xds, options.listen());
        listening = true;
    }

    @Override
    public int listenPort() {
        return xds.port();
    }

    @Override
    public Optional<String> notReady() {
        return listening ? readiness.notReady() : Optional.of("it does not listen yet");
    }

    @Override
    public Optional<String> remark() {
        return readiness.stale();
    }

    @Override
    public void close() {
        listening = false;
        revocation.close();
        webhook.close();
        reconciler.close();
        xds.close();
        reports.close();
        source.close();
        pods.close();
        loop.close();
        thread.close();
        server.close();
    }
}
