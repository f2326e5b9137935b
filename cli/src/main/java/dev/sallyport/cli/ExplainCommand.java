package dev.sallyport.cli;

import dev.sallyport.policy.Destination;
import dev.sallyport.policy.Explanation;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyDocuments;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.file.FileSource;
import dev.sallyport.source.file.FileSourceConfig;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what becomes of a URL, and why. */
@Command(
        name = "explain",
        description = "Tells what a policy does with a URL: verdict, reason and the entry that decides.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport explain --policy policy.yaml https://api.example.com/v1",
            "  sallyport explain --policy policies/ --workload agents/bot http://example.org/",
            "  sallyport explain --policy policy.yaml --output json api.example.com:8443",
            "",
            "Nothing is connected to. Exit codes: 0 allowed; 1 denied; 2 wrong usage."
        })
final class ExplainCommand implements Callable<Integer> {
    @Option(
            names = "--policy",
            required = true,
            paramLabel = "FILE",
            description = "A file of policies, or a directory of such files. Repeatable.")
    private List<Path> policies = new ArrayList<>();

    @Option(
            names = "--workload",
            paramLabel = "NAMESPACE/NAME",
            description = "Which policy, when there are several in the files.")
    private @Nullable String workload;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text (default) or json.")
    private OutputFormat output = OutputFormat.TEXT;

    @Parameters(paramLabel = "URL", description = "https://, http://, wss:// or ws://, or HOST[:PORT].")
    private String url = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public Integer call() {
        Destination destination = destination();
        for (Path path : policies) {
            if (!Files.exists(path)) {
                throw usage("--policy " + path + ": no such file or directory");
            }
        }
        SourceState state = FileSource.read(FileSourceConfig.of(policies, Optional.empty(), Optional.empty()));
        PolicyDocuments documents = state.documents();
        Explanation explanation =
                Explanation.of(documents, PolicyCompiler.compile(documents).policies(), chosen(documents), destination);
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.JSON) {
            out.println(Json.line(ExplanationPrint.json(explanation, state.credentials())));
        } else {
            ExplanationPrint.text(explanation, state.credentials()).forEach(out::println);
        }
        return explanation.decision().allowed() ? ExitCode.OK : ExitCode.NO;
    }

    private Destination destination() {
        try {
            return Destination.parse(url);
        } catch (IllegalArgumentException e) {
            throw usage("URL " + url + ": " + e.getMessage());
        }
    }

    private PolicyId chosen(PolicyDocuments documents) {
        SortedSet<PolicyId> ids = documents.documents().stream()
                .map(PolicyDocument::id)
                .flatMap(Optional::stream)
                .collect(Collectors.toCollection(TreeSet::new));
        String names = ids.stream().map(PolicyId::toString).collect(Collectors.joining(", "));
        if (ids.isEmpty()) {
            throw usage(nothing(documents));
        }
        if (workload == null && ids.size() > 1) {
            throw usage("several policies: " + names + "; choose one with --workload NAMESPACE/NAME");
        }
        return ids.stream()
                .filter(id -> workload == null || id.toString().equals(workload))
                .findFirst()
                .orElseThrow(
                        () -> usage("--workload " + workload + ": no such policy (expected: one of " + names + ")"));
    }

    private static String nothing(PolicyDocuments documents) {
        List<String> lines = new ArrayList<>();
        documents.problems().stream().map(PolicyProblem::toString).forEach(lines::add);
        documents.documents().stream()
                .flatMap(document -> document.problems().stream())
                .map(PolicyProblem::toString)
                .forEach(lines::add);
        lines.add("no EgressPolicy with a name in the files");
        return String.join("\n", lines);
    }

    private static UserError usage(String message) {
        return new UserError(ExitCode.USAGE, message);
    }
}
