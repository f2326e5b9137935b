package dev.sallyport.cli;

import dev.sallyport.cli.machine.RunDirectory;
import dev.sallyport.kubernetes.ClusterConnection;
import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.reconcile.RootSeedSecret;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.snapshot.ControlLoopConfig;
import dev.sallyport.source.kubernetes.ApiServer;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;

/** Loads what {@code run} and {@code xds-server} load, and ends: the launcher has the JVM write down the classes of this, so that start-up takes half the time. */
@Command(
        name = "warm-up",
        hidden = true,
        description = "For the launcher and the container image: starts control planes and ends them.",
        footerHeading = "%nExample:%n",
        footer = "  java -XX:ArchiveClassesAtExit=sallyport.jsa -jar sallyport-cli.jar warm-up")
final class WarmUpCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (RunDirectory directory = RunDirectory.create(RunDirectory.root(System.getenv()));
                DemoSite site = new DemoSite(directory.path().resolve("demo"));
                StandaloneControlPlane controlPlane = new StandaloneControlPlane(
                        StandaloneControlPlane.Options.of(
                                List.of(site.policy()),
                                Optional.of(site.secrets()),
                                Optional.empty(),
                                directory.path().resolve("state")),
                        new SimpleMeterRegistry(),
                        Clock.systemUTC())) {
            controlPlane.start();
            new FirstSync(controlPlane, PATIENCE).await(() -> {});
            System.out.print(StatusReport.of(controlPlane).json());
            onKubernetes(directory.path().resolve("kubeconfig"));
        }
        return ExitCode.OK;
    }

    /** With an API server of our own that has next to nothing. */
    private static void onKubernetes(Path kubeconfig) throws IOException, InterruptedException {
        try (WarmUpApiServer api = WarmUpApiServer.start()) {
            Config cluster = ClusterConnection.of(Files.writeString(kubeconfig, api.kubeconfig()));
            RootSeed seed;
            try (ApiServer server = ApiServer.of(cluster)) {
                SharedSeed shared = new SharedSeed(new RootSeedSecret(server, ClusterSettings.SYSTEM_NAMESPACE));
                seed = shared.await(new CountDownLatch(1)).orElseThrow();
            }
            KubernetesControlPlane.Options options = new KubernetesControlPlane.Options(
                    cluster,
                    ClusterSettings.SYSTEM_NAMESPACE,
                    "warm-up",
                    ClusterSettings.DEFAULT,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    PublicRoots.load(Optional.empty()),
                    ControlLoopConfig.DEFAULT);
            try (KubernetesControlPlane controlPlane =
                    new KubernetesControlPlane(options, seed, new SimpleMeterRegistry(), Clock.systemUTC())) {
                controlPlane.start();
                new FirstSync(() -> controlPlane.notReady().isEmpty(), PATIENCE).await(() -> {});
            }
        }
    }
}
