package dev.sallyport.cli;

import dev.sallyport.cli.machine.RunDirectory;
import dev.sallyport.policy.Access;
import dev.sallyport.policy.EgressPolicy;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command without a sidecar: under access Unrestricted, and under access None in a network that nothing leaves. Its environment has neither proxies nor certificates of ours. */
final class DirectRun {
    private final RunOptions options;
    private final EgressPolicy policy;
    private final RunSignals signals;
    private final PrintStream err;

    DirectRun(RunOptions options, RunSignals signals, PrintStream err) {
        this.options = options;
        this.policy = options.policy();
        this.signals = signals;
        this.err = err;
    }

    /** Runs the command and returns its exit code. */
    int execute() throws IOException, InterruptedException {
        try (RunDirectory directory = RunDirectory.create(RunDirectory.root(System.getenv()));
                RunNetwork network = RunNetwork.of(options.isolation(), directory);
                PolicyFooting footing =
                        new PolicyFooting(policy, options.sources().files(), wrong -> footingChanged(wrong, network))) {
            say("policy " + policy.id() + " has access " + policy.access() + ": " + meaning());
            network.guardWithoutSidecar(policy.access());
            footing.watch();
            Map<String, String> environment = new HashMap<>(System.getenv());
            network.adapt(environment);
            Path nothing = Files.createDirectory(directory.path().resolve("trust"));
            List<String> command = network.command(options.command(), nothing);
            return new RunningCommand(network, signals).run(command, environment, directory.id());
        }
    }

    private String meaning() {
        if (policy.access() == Access.None) {
            return "nothing leaves the command's network";
        }
        return "the command runs without a sidecar, and "
                + (isIsolated()
                        ? "everything but link-local and metadata addresses is open to it"
                        : "nothing is refused (only --isolate would close link-local and metadata addresses)");
    }

    private boolean isIsolated() {
        return options.isolation().isPresent();
    }

    private void footingChanged(Optional<String> wrong, RunNetwork network) {
        if (wrong.isEmpty()) {
            say("policy " + policy.id() + " is again what the command was started with");
        } else {
            say(wrong.get()
                    + (isIsolated()
                            ? "; nothing leaves the command's network until it is changed back"
                            : "; the command goes on without a sidecar until it is ended"));
        }
        try {
            network.guardWithoutSidecar(wrong.isPresent() ? Access.None : policy.access());
        } catch (IOException e) {
            say("the command's network cannot be closed, so the command is ended: " + e.getMessage());
            signals.accept("KILL");
        }
    }

    private void say(String line) {
        err.println("sallyport: " + line);
    }
}
