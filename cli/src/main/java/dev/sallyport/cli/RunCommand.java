package dev.sallyport.cli;

import dev.sallyport.policy.Access;
import dev.sallyport.policy.Capture;
import dev.sallyport.policy.EgressPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sallyport run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Runs a command behind a sidecar of its own, under one policy.",
            "",
            "Without --isolate the command is led to the sidecar by environment variables (proxy and certificates): what ignores them is not stopped. With --isolate there is no other way out. Edits of policies and Secrets take effect while the command runs.",
            "",
            "A policy with access Unrestricted has no sidecar: the command runs as it is, and only --isolate keeps it from link-local and metadata addresses. With access None nothing is allowed; only --isolate stops what ignores the proxy variables."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport run --policy policy.yaml -- curl https://api.example.com/",
            "  sallyport run --policy policies/ --workload agents/coder --secrets secrets/ \\",
            "      -- ./agent",
            "  sudo ./sallyport run --isolate --policy policy.yaml -- bash",
            "",
            "Exit codes: that of the command; 128+N when signal N ended it; 125 sallyport",
            "itself failed, 126 the command cannot be executed, 127 it does not exist;",
            "2 wrong usage; 3 sallyport is out of memory. SIGTERM, SIGINT, SIGHUP and",
            "SIGUSR1 are passed on; SIGQUIT is not: Java answers it with a list of its",
            "threads. What the command leaves running is ended, unless it has",
            "cleared its environment (--isolate ends that too). Without an Envoy, and no way",
            "to fetch one, or without root for --isolate, it exits with 125 and one line",
            "that says what to do."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin
    private final SourceOptions sources = new SourceOptions();

    @Option(names = "--workload", paramLabel = "NAMESPACE/NAME", description = "Which policy, where there are several.")
    private @Nullable String workload;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description =
                    "Keep seed, certificates and denials in this directory (default: one that is removed at the end).")
    private @Nullable Path state;

    @Option(
            names = "--envoy",
            paramLabel = "PATH",
            description = "The Envoy to use (default: $ENVOY, then PATH, then the pinned one, fetched once).")
    private @Nullable Path envoy;

    @Option(
            names = "--access-log",
            paramLabel = "FILE",
            description = "Append a line of JSON for each request and each refused connection.")
    private @Nullable Path accessLog;

    @Option(
            names = "--public-roots",
            paramLabel = "FILE",
            description = "The CA certificates that upstreams are checked with, PEM (default: the machine's).")
    private @Nullable Path publicRoots;

    @Mixin
    private final IsolateOptions isolate = new IsolateOptions();

    @Parameters(arity = "1..*", paramLabel = "CMD", description = "The command and its arguments, after --.")
    private List<String> command = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional.ofNullable(publicRoots).ifPresent(file -> PolicyChoice.require(file, "--public-roots"));
        PolicyChoice choice = PolicyChoice.of(sources.files(), Optional.ofNullable(workload));
        choice.warnings().forEach(RunCommand::say);
        Optional<Isolation> isolation = isolation();
        if (isolation.isEmpty()) {
            warnOfOtherWays(choice.policy());
        }
        RunOptions options = new RunOptions(
                sources,
                choice.policy(),
                Optional.ofNullable(state),
                Optional.ofNullable(envoy),
                Optional.ofNullable(accessLog),
                Optional.ofNullable(publicRoots),
                isolation,
                command);
        return new Run(options, System.err).execute();
    }

    private Optional<Isolation> isolation() throws IOException {
        if (!isolate.isolate) {
            isolate.requireUnused();
            return Optional.empty();
        }
        List<Path> secret = new ArrayList<>(sources.policies());
        sources.secrets().ifPresent(directory -> {
            // One that is made later could not be hidden.
            PolicyChoice.require(directory, "--secrets");
            secret.add(directory);
        });
        sources.configMaps().ifPresent(secret::add);
        Optional.ofNullable(state).ifPresent(secret::add);
        return Optional.of(Isolation.of(isolate, secret, System.getenv()));
    }

    private static void warnOfOtherWays(EgressPolicy policy) {
        if (policy.access() == Access.None) {
            say(
                    "policy " + policy.id()
                            + " has access None: what honours the proxy variables is refused everything; only --isolate stops the rest");
        } else if (policy.access() == Access.Restricted && policy.capture() == Capture.Redirect) {
            say("without --isolate only what honours the proxy variables goes through the sidecar (policy "
                    + policy.id() + " asks for capture Redirect)");
        }
    }

    private static void say(String line) {
        System.err.println("sallyport: " + line);
    }
}
