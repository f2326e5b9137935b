package dev.sallyport.cli;

import dev.sallyport.cli.machine.IsolationException;
import dev.sallyport.cli.machine.Resolvers;
import dev.sallyport.inject.InjectorSettings;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.reconcile.RootSeedSecret;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.webhook.WebhookConfig;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
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

/** {@code sallyport pod-injector}. */
@Command(
        name = "pod-injector",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "The admission webhook for Pods: puts Pods with the label sallyport.dev/policy behind their sidecar, or refuses them and says why.",
            "",
            "It reads policies and NetworkPolicies, and no Secret but the root seed, from which its certificate is derived; where that is not there yet it waits for xds-server to make it. The CA by which the API server knows it is kept in the MutatingWebhookConfiguration sallyport-pod-injector by xds-server."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport pod-injector --kubernetes --listen 0.0.0.0:8443 \\",
            "      --metrics 0.0.0.0:9090                  (in a Pod)",
            "",
            "  sallyport pod-injector --kubernetes --kubeconfig ~/.kube/config \\",
            "      --listen 127.0.0.1:8443 --server-name localhost   (on a machine)",
            "",
            "Ends in order on SIGTERM and SIGINT, with exit code 0; 125: it could not start;",
            "3: it is out of memory. Logs JSON on stderr."
        })
final class PodInjectorCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(PodInjectorCommand.class);

    @ArgGroup(exclusive = false, multiplicity = "1")
    private ServerSource.Cluster cluster = new ServerSource.Cluster();

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "HOST:PORT",
            converter = HostAndPort.Converter.class,
            description = "Where the API server connects; HTTPS.")
    private HostAndPort listen = new HostAndPort("127.0.0.1", 0);

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            converter = HostAndPort.Converter.class,
            description = "Serve /metrics, /healthz and /readyz (503, and why) there; plain HTTP.")
    private @Nullable HostAndPort metrics;

    @Option(
            names = "--server-name",
            paramLabel = "NAME",
            description =
                    "A further DNS name for its certificate, besides sallyport-pod-injector.NAMESPACE.svc. Repeatable.")
    private List<String> serverNames = new ArrayList<>();

    @Option(
            names = "--no-ipv6",
            description = "Pods have no IPv6, not even on loopback: the nodes' kernels have it turned off.")
    private boolean noIpv6;

    private final CountDownLatch end = new CountDownLatch(1);
    private volatile Supplier<Optional<String>> notReady = () -> Optional.of("it is starting");
    private volatile Supplier<Optional<String>> remark = Optional::empty;

    @Override
    public Integer call() throws IOException, InterruptedException {
        InjectorSettings settings = settings();
        Config connection = cluster.connection(System.getenv());
        Logging.asService();
        Signals.onEnd(end::countDown);
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(meters);
        try (JvmGcMetrics collections = new JvmGcMetrics();
                MetricsServer metricsServer = metricsServer(meters)) {
            collections.bindTo(meters);
            if (metrics != null) {
                metricsServer.start();
                LOG.info("metrics on port {}", metricsServer.port());
            }
            Optional<RootSeed> seed = seed(connection);
            if (seed.isPresent()) {
                serve(new KubernetesInjector(
                        new KubernetesInjector.Options(
                                connection,
                                cluster.systemNamespace(System.getenv()),
                                settings,
                                WebhookConfig.listeningOn(listen.address()),
                                serverNames),
                        seed.get(),
                        meters,
                        Clock.systemUTC()));
            }
            LOG.info("ending");
        } finally {
            meters.close();
        }
        return ExitCode.OK;
    }

    private void serve(KubernetesInjector started) throws InterruptedException {
        try (KubernetesInjector injector = started) {
            notReady = injector::notReady;
            remark = injector::remark;
            start(injector);
            LOG.info("reviewing Pods on port {}", injector.port());
            end.await();
            notReady = () -> Optional.of("it is ending");
        }
    }

    private static void start(KubernetesInjector injector) {
        try {
            injector.start();
        } catch (IOException e) {
            throw new UserError(e.getMessage() + "; choose another address or port, or end the process that uses it");
        }
    }

    private Optional<RootSeed> seed(Config connection) throws InterruptedException {
        try (ApiServer server = ApiServer.of(connection)) {
            SharedSeed shared = new SharedSeed(new RootSeedSecret(server, cluster.systemNamespace(System.getenv())));
            notReady = () -> Optional.of(shared.problem());
            return shared.await(end);
        }
    }

    private InjectorSettings settings() throws IOException {
        ClusterSettings settings = cluster.settings();
        String version = new Version().getVersion()[0].replaceFirst("^sallyport ", "");
        return new InjectorSettings(settings, resolvers(settings), !noIpv6, version);
    }

    /** Without a setting its own: as a Pod of the cluster it asks whom other Pods ask. */
    private static List<InetAddress> resolvers(ClusterSettings settings) throws IOException {
        try {
            return settings.resolvers().isEmpty()
                    ? Resolvers.ofMachine().addresses()
                    : new Resolvers(settings.resolvers(), List.of()).addresses();
        } catch (IsolationException e) {
            throw new UserError("no resolvers for Pods: " + e.getMessage() + "; or name them in --settings");
        }
    }

    private MetricsServer metricsServer(PrometheusMeterRegistry meters) {
        return new MetricsServer(
                metrics == null ? new InetSocketAddress(0) : metrics.address(),
                meters,
                () -> notReady.get(),
                () -> remark.get());
    }
}
