package dev.sallyport.cli;

import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.reconcile.RootSeedSecret;
import dev.sallyport.snapshot.ControlLoopConfig;
import dev.sallyport.source.kubernetes.ApiServer;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sallyport xds-server}. */
@Command(
        name = "xds-server",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "The control plane as a service: reads policies, Secrets and ConfigMaps from files or from a Kubernetes API server, watches them, and serves sidecars.",
            "",
            "With files it keeps in the state directory: seed (the one secret that all keys are derived from), xds-ca.pem (what sidecars check it with), tokens/NS/NAME/token (what a workload's sidecars show), trust/NS/NAME/ (what its apps trust), status.sock.",
            "",
            "With --kubernetes it keeps nothing on disk. The seed is the Secret sallyport-root-seed, made by the replica that is first; sidecars show the bound token of their Pod; one replica at a time writes trust bundles, NetworkPolicies, Services and status."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport xds-server --policies policies/ --secrets secrets/ \\",
            "      --state /var/lib/sallyport --listen 127.0.0.1:18000 \\",
            "      --metrics 127.0.0.1:9090",
            "",
            "  sallyport xds-server --kubernetes --listen 0.0.0.0:18000 \\",
            "      --metrics 0.0.0.0:9090                  (in a Pod)",
            "",
            "  sallyport xds-server --kubernetes --kubeconfig ~/.kube/config \\",
            "      --listen 127.0.0.1:18000                (on a machine)",
            "",
            "Ends in order on SIGTERM and SIGINT, with exit code 0; 125: it could not start;",
            "3: it is out of memory. Logs JSON on stderr."
        })
final class XdsServerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(XdsServerCommand.class);

    @ArgGroup(multiplicity = "1")
    private ServerSource source = new ServerSource();

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "HOST:PORT",
            converter = HostAndPort.Converter.class,
            description = "Where sidecars connect; TLS.")
    private HostAndPort listen = new HostAndPort("127.0.0.1", 0);

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            converter = HostAndPort.Converter.class,
            description =
                    "Serve /metrics, /healthz and /readyz (503, and why, before everything was read once) there; plain HTTP.")
    private @Nullable HostAndPort metrics;

    @Option(
            names = "--public-roots",
            paramLabel = "FILE",
            description = "The CA certificates that upstreams are checked with, PEM (default: the machine's).")
    private @Nullable Path publicRoots;

    private final CountDownLatch end = new CountDownLatch(1);
    private volatile Supplier<Optional<String>> notReady = () -> Optional.of("it is starting");
    private volatile Supplier<Optional<String>> remark = Optional::empty;

    @Override
    public Integer call() throws IOException, InterruptedException {
        InetSocketAddress address = listen.address();
        Optional.ofNullable(publicRoots).ifPresent(file -> PolicyChoice.require(file, "--public-roots"));
        Optional<Config> cluster = cluster();
        Logging.asService();
        Signals.onEnd(end::countDown);
        PrometheusMeterRegistry meters = meters();
        try (MetricsServer metricsServer = metricsServer(meters)) {
            if (metrics != null) {
                metricsServer.start();
                LOG.info("metrics on port {}", metricsServer.port());
            }
            if (cluster.isEmpty()) {
                serve(files(address, meters));
            } else {
                serveCluster(cluster.get(), address, meters);
            }
            LOG.info("ending");
        } finally {
            meters.close();
        }
        return ExitCode.OK;
    }

    /** Empty: files. */
    private Optional<Config> cluster() throws IOException {
        ServerSource.Cluster wanted = source.cluster();
        return wanted == null ? Optional.empty() : Optional.of(wanted.connection(System.getenv()));
    }

    private void serve(ControlPlaneService started) throws IOException, InterruptedException {
        try (ControlPlaneService controlPlane = started) {
            notReady = controlPlane::notReady;
            remark = controlPlane::remark;
            controlPlane.start();
            LOG.info(
                    "serving sidecars on port {}, version {}",
                    controlPlane.listenPort(),
                    new Version().getVersion()[0]);
            end.await();
            notReady = () -> Optional.of("it is ending");
        }
    }

    private StandaloneControlPlane files(InetSocketAddress address, PrometheusMeterRegistry meters) throws IOException {
        ServerSource.Files files = source.files();
        return new StandaloneControlPlane(
                new StandaloneControlPlane.Options(
                        files.policies(),
                        files.secrets(),
                        files.configMaps(),
                        files.state(),
                        address,
                        Optional.ofNullable(publicRoots),
                        ControlLoopConfig.DEFAULT.drainTime()),
                meters,
                Clock.systemUTC());
    }

    private void serveCluster(Config cluster, InetSocketAddress address, PrometheusMeterRegistry meters)
            throws IOException, InterruptedException {
        ServerSource.Cluster wanted = source.requireCluster();
        PublicRoots roots = PublicRoots.load(Optional.ofNullable(publicRoots));
        Optional<RootSeed> seed;
        try (ApiServer server = ApiServer.of(cluster)) {
            SharedSeed shared = new SharedSeed(new RootSeedSecret(server, wanted.systemNamespace(System.getenv())));
            notReady = () -> Optional.of(shared.problem());
            seed = shared.await(end);
        }
        if (seed.isPresent()) {
            KubernetesControlPlane.Options options = new KubernetesControlPlane.Options(
                    cluster,
                    wanted.systemNamespace(System.getenv()),
                    wanted.replica(System.getenv()),
                    wanted.settings(),
                    address,
                    roots,
                    ControlLoopConfig.DEFAULT);
            serve(new KubernetesControlPlane(options, seed.get(), meters, Clock.systemUTC()));
        }
    }

    private MetricsServer metricsServer(PrometheusMeterRegistry meters) {
        InetSocketAddress address = metrics == null ? new InetSocketAddress(0) : metrics.address();
        return new MetricsServer(address, meters, () -> notReady.get(), () -> remark.get());
    }

    @SuppressWarnings("resource") // as long as the process
    private static PrometheusMeterRegistry meters() {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(meters);
        new JvmGcMetrics().bindTo(meters);
        return meters;
    }
}
