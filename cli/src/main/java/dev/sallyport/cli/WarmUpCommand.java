package dev.sallyport.cli;

import dev.sallyport.cli.machine.RunDirectory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Loads what {@code run} loads, and ends: the launcher has the JVM write down the classes of this, so that start-up takes half the time. */
@Command(
        name = "warm-up",
        hidden = true,
        description = "For the launcher: starts a control plane and ends it.",
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
        }
        return ExitCode.OK;
    }
}
