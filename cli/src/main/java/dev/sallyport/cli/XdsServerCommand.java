package dev.sallyport.cli;

import dev.sallyport.snapshot.ControlLoopConfig;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sallyport xds-server}. */
@Command(
        name = "xds-server",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "The control plane as a service: reads policies, Secrets and ConfigMaps from files, watches them, and serves sidecars.",
            "",
            "Keeps in the state directory: seed (the one secret that all keys are derived from), xds-ca.pem (what sidecars check it with), tokens/NS/NAME/token (what a workload's sidecars show), trust/NS/NAME/ (what its apps trust), status.sock."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport xds-server --policies policies/ --secrets secrets/ \\",
            "      --state /var/lib/sallyport --listen 127.0.0.1:18000 \\",
            "      --metrics 127.0.0.1:9090",
            "",
            "Ends in order on SIGTERM and SIGINT, with exit code 0; 125: it could not start;",
            "3: it is out of memory. Logs JSON on stderr."
        })
final class XdsServerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(XdsServerCommand.class);

    @Option(
            names = "--policies",
            required = true,
            paramLabel = "DIR",
            description = "A directory of policy files, or one file. Repeatable. May be empty or missing at first.")
    private List<Path> policies = new ArrayList<>();

    @Option(names = "--secrets", paramLabel = "DIR", description = "Secrets as files DIR/NAME/KEY.")
    private @Nullable Path secrets;

    @Option(names = "--config-maps", paramLabel = "DIR", description = "ConfigMaps as files DIR/NAME/KEY.")
    private @Nullable Path configMaps;

    @Option(
            names = "--state",
            required = true,
            paramLabel = "DIR",
            description = "Its own directory, made where it does not exist.")
    private Path state = Path.of("");

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
                    "Serve /metrics, /healthz and /readyz (503 before everything was read once) there; plain HTTP.")
    private @Nullable HostAndPort metrics;

    @Option(
            names = "--public-roots",
            paramLabel = "FILE",
            description = "The CA certificates that upstreams are checked with, PEM (default: the machine's).")
    private @Nullable Path publicRoots;

    @Override
    public Integer call() throws IOException, InterruptedException {
        InetSocketAddress address = listen.address();
        Optional.ofNullable(publicRoots).ifPresent(file -> PolicyChoice.require(file, "--public-roots"));
        Logging.asService();
        CountDownLatch end = new CountDownLatch(1);
        Signals.onEnd(end::countDown);
        PrometheusMeterRegistry meters = meters();
        try (StandaloneControlPlane controlPlane =
                        new StandaloneControlPlane(options(address), meters, Clock.systemUTC());
                MetricsServer metricsServer = metricsServer(meters, controlPlane)) {
            controlPlane.start();
            if (metrics != null) {
                metricsServer.start();
                LOG.info("metrics on port {}", metricsServer.port());
            }
            LOG.info(
                    "serving sidecars on port {}, version {}",
                    controlPlane.listenPort(),
                    new Version().getVersion()[0]);
            end.await();
            LOG.info("ending");
        } finally {
            meters.close();
        }
        return ExitCode.OK;
    }

    private StandaloneControlPlane.Options options(InetSocketAddress address) {
        return new StandaloneControlPlane.Options(
                policies,
                Optional.ofNullable(secrets),
                Optional.ofNullable(configMaps),
                state,
                address,
                Optional.ofNullable(publicRoots),
                ControlLoopConfig.DEFAULT.drainTime());
    }

    private MetricsServer metricsServer(PrometheusMeterRegistry meters, StandaloneControlPlane controlPlane) {
        InetSocketAddress address = metrics == null ? new InetSocketAddress(0) : metrics.address();
        return new MetricsServer(address, meters, () -> controlPlane.status().synced());
    }

    @SuppressWarnings("resource") // as long as the process
    private static PrometheusMeterRegistry meters() {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(meters);
        new JvmGcMetrics().bindTo(meters);
        return meters;
    }
}
