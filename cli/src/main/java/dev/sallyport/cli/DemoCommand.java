package dev.sallyport.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.cli.machine.RunDirectory;
import dev.sallyport.policy.PolicyId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sallyport demo}. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Shows on this machine, without root and without the internet, what a policy does: a control plane, a real Envoy, upstreams with TLS on loopback, and an app that tries what it can.",
            "",
            "Envoy is fetched once if this machine has none."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport demo",
            "  sallyport demo --output json",
            "",
            "Exit codes: 0 only if every verdict was the expected one; 1 one was not;",
            "125 sallyport failed."
        })
final class DemoCommand implements Callable<Integer> {
    private static final PolicyId WORKLOAD = new PolicyId("demo", "demo");
    private static final Duration SYNC = Duration.ofSeconds(20);

    @Option(
            names = "--envoy",
            paramLabel = "PATH",
            description = "The Envoy to use (default: $ENVOY, then PATH, then the pinned one, fetched once).")
    private @Nullable Path envoy;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text (default) or json.")
    private OutputFormat output = OutputFormat.TEXT;

    private final List<DemoCheck> checks = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        EnvoyBinary binary = EnvoyBinary.locate(envoy, System.getenv(), DemoCommand::say);
        try (RunDirectory directory = RunDirectory.create(RunDirectory.root(System.getenv()));
                DemoSite site = new DemoSite(directory.path().resolve("demo"));
                StandaloneControlPlane controlPlane = controlPlane(directory, site)) {
            say("control plane: reads " + site.policy() + " and serves sidecars over TLS");
            controlPlane.start();
            new FirstSync(controlPlane, SYNC).await(() -> {});
            say("sidecar: " + binary);
            try (Sidecar sidecar = sidecar(controlPlane, binary)) {
                String ca = Files.readString(controlPlane.trust(WORKLOAD).resolve("ca.pem"));
                say("app: sends requests by the proxy 127.0.0.1:"
                        + sidecar.ports().proxy());
                new DemoRequests(site, sidecar.ports().proxy(), ca, checks::add).run();
            }
        }
        print();
        return checks.stream().allMatch(DemoCheck::isAsExpected) ? ExitCode.OK : ExitCode.NO;
    }

    private static StandaloneControlPlane controlPlane(RunDirectory directory, DemoSite site) throws IOException {
        return new StandaloneControlPlane(
                StandaloneControlPlane.Options.of(
                        List.of(site.policy()),
                        Optional.of(site.secrets()),
                        Optional.empty(),
                        directory.path().resolve("state")),
                new SimpleMeterRegistry(),
                Clock.systemUTC());
    }

    private static Sidecar sidecar(StandaloneControlPlane controlPlane, EnvoyBinary binary) throws IOException {
        SharedRunNetwork network = new SharedRunNetwork();
        SidecarFiles files =
                new SidecarFiles(controlPlane.tokenFile(WORKLOAD), controlPlane.xdsCa(), controlPlane.state());
        Sidecar.Launch launch = new Sidecar.Launch(
                binary,
                WORKLOAD + "/demo",
                new ControlPlane(
                        network.controlPlane().getHostAddress(),
                        controlPlane.listenPort(),
                        StandaloneControlPlane.SERVER_NAME),
                files,
                network.sidecarPrefix(),
                line -> DebugOutput.print(System.err, "access log", line),
                line -> DebugOutput.print(System.err, "envoy", line));
        return new ReadySidecar(controlPlane, WORKLOAD, DemoCommand::say, () -> {}).start(launch, network::ports);
    }

    private void print() throws IOException {
        if (output == OutputFormat.JSON) {
            ObjectMapper json = new ObjectMapper();
            ArrayNode array = json.createArrayNode();
            checks.forEach(check -> array.addObject()
                    .put("request", check.request())
                    .put("expected", check.expected())
                    .put("actual", check.actual())
                    .put("ok", check.isAsExpected()));
            System.out.println(json.writerWithDefaultPrettyPrinter().writeValueAsString(array));
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "WHAT THE APP DID", "EXPECTED", "VERDICT"));
        checks.forEach(check -> rows.add(
                List.of(check.isAsExpected() ? "ok" : "NO", check.request(), check.expected(), check.actual())));
        System.out.println();
        System.out.print(Terminal.table(rows));
        long good = checks.stream().filter(DemoCheck::isAsExpected).count();
        System.out.println();
        System.out.println(good + " of " + checks.size() + " verdicts as expected");
    }

    private static void say(String line) {
        System.err.println("sallyport: " + line);
    }
}
