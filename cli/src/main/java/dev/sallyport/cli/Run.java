package dev.sallyport.cli;

import dev.sallyport.bootstrap.AppEnvironment;
import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.cli.machine.RunDirectory;
import dev.sallyport.policy.PolicyId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A command behind a sidecar of its own, from the first directory to the last process. */
final class Run {
    private static final Duration SYNC = Duration.ofSeconds(30);

    private final RunOptions options;
    private final PolicyId workload;
    private final PrintStream err;
    private final RunSignals signals = new RunSignals();

    Run(RunOptions options, PrintStream err) {
        this.options = options;
        this.workload = options.policy().id();
        this.err = err;
    }

    /** Runs the command and returns its exit code. From here on signals are the command's; before it is started they end the run. */
    int execute() throws IOException, InterruptedException {
        Signals.handle(signals::accept);
        try {
            return options.hasSidecar() ? prepareAndRun() : new DirectRun(options, signals, err).execute();
        } catch (RunSignals.Ended ended) {
            return ended.exitCode();
        }
    }

    private int prepareAndRun() throws IOException, InterruptedException {
        EnvoyBinary envoy = EnvoyBinary.locate(options.envoy().orElse(null), System.getenv(), this::say);
        signals.check();
        try (RunDirectory directory = RunDirectory.create(RunDirectory.root(System.getenv()));
                RunNetwork network = RunNetwork.of(options.isolation(), directory);
                StandaloneControlPlane controlPlane = controlPlane(directory, network)) {
            controlPlane.start();
            new FirstSync(controlPlane, SYNC).await(signals::check);
            warnOfWhatIsMissing(controlPlane);
            try (AccessLog log = AccessLog.to(options.accessLog());
                    Sidecar sidecar = sidecar(directory, network, controlPlane, envoy, log)) {
                network.guard(sidecar.ports());
                return command(directory, network, controlPlane, sidecar);
            }
        }
    }

    private StandaloneControlPlane controlPlane(RunDirectory directory, RunNetwork network) throws IOException {
        SourceOptions sources = options.sources();
        Path state = options.state().orElse(directory.path().resolve("state"));
        StandaloneControlPlane.Options settings = StandaloneControlPlane.Options.of(
                        sources.policies(), sources.secrets(), sources.configMaps(), state)
                .listeningOn(new InetSocketAddress(network.controlPlane(), 0))
                .trusting(options.publicRoots());
        return new StandaloneControlPlane(settings, new SimpleMeterRegistry(), Clock.systemUTC());
    }

    private Sidecar sidecar(
            RunDirectory directory,
            RunNetwork network,
            StandaloneControlPlane controlPlane,
            EnvoyBinary envoy,
            AccessLog log)
            throws IOException {
        network.admit(controlPlane.listenPort());
        DenialPrinter printer = new DenialPrinter(err);
        DenialLog denials = new DenialLog(StateDirectory.denials(controlPlane.state()));
        SidecarFiles files =
                new SidecarFiles(controlPlane.tokenFile(workload), controlPlane.xdsCa(), controlPlane.state());
        Sidecar.Launch launch = new Sidecar.Launch(
                envoy,
                workload + "/" + directory.id(),
                new ControlPlane(
                        network.controlPlane().getHostAddress(),
                        controlPlane.listenPort(),
                        StandaloneControlPlane.SERVER_NAME),
                network.files(files),
                network.sidecarPrefix(),
                line -> {
                    log.append(line);
                    AccessLogLine.parse(line)
                            .filter(parsed -> parsed.reason().isPresent())
                            .ifPresent(parsed -> {
                                denials.append(line);
                                printer.accept(parsed);
                            });
                },
                line -> DebugOutput.print(err, "envoy", line));
        return new ReadySidecar(controlPlane, workload, this::say, signals::check).start(launch, network::ports);
    }

    private int command(
            RunDirectory directory, RunNetwork network, StandaloneControlPlane controlPlane, Sidecar sidecar)
            throws IOException, InterruptedException {
        Path trust = controlPlane.trust(workload);
        Map<String, String> environment = environment(network, sidecar, trust);
        List<String> command = network.command(options.command(), trust);
        signals.check();
        var unused = sidecar.onExit()
                .thenAccept(status -> signals.ifCommandRuns(() ->
                        say("the sidecar ended with status " + status + ": the command has no way out any more")));
        return new RunningCommand(network, signals).run(command, environment, directory.id());
    }

    private Map<String, String> environment(RunNetwork network, Sidecar sidecar, Path trust) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        network.adapt(environment);
        List<String> replaced =
                new AppEnvironment(network.trust(trust), sidecar.ports().proxy(), List.of()).replaceIn(environment);
        if (!replaced.isEmpty()) {
            say("the command has values of its own for " + String.join(", ", replaced)
                    + "; to give it another: -- env NAME=VALUE COMMAND");
        }
        return environment;
    }

    private void warnOfWhatIsMissing(StandaloneControlPlane controlPlane) {
        var status = controlPlane.status().workloads().get(workload);
        if (status != null) {
            status.credentials()
                    .forEach(credential -> say("credential " + credential.header() + " of " + credential.host()
                            + " has no usable value, its requests are answered 500: " + credential.reason()));
            status.trustedCas().forEach(ca -> say("trustedCa of " + ca.host() + " cannot be used: " + ca.reason()));
        }
    }

    private void say(String line) {
        err.println("sallyport: " + line);
    }
}
