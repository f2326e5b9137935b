package dev.sallyport.cli;

import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.PolicyProblem.Severity;
import dev.sallyport.source.file.FileSourceConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells everything that is wrong with policies before they are used. */
@Command(
        name = "check",
        description = "Validates policies, and Secret and ConfigMap manifests among them.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport check policy.yaml",
            "  sallyport check --strict --output json policies/",
            "  sallyport check --secrets secrets/ policy.yaml  also warns of Secrets that are",
            "                                                  missing or cannot be sent",
            "  generate-policy | sallyport check -",
            "",
            "Prints all problems, one a line: 'FILE:LINE: OBJECT PATH: message'.",
            "Exit codes: 0 clean, or warnings only; 1 errors (with --strict also warnings);",
            "2 wrong usage."
        })
final class CheckCommand implements Callable<Integer> {
    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description =
                    "A file of policies, or a directory: its *.yaml, *.yml and *.json files; - is standard input.")
    private List<Path> files = List.of();

    @Option(names = "--secrets", paramLabel = "DIR", description = "Secrets as files DIR/NAME/KEY.")
    private @Nullable Path secrets;

    @Option(names = "--config-maps", paramLabel = "DIR", description = "ConfigMaps as files DIR/NAME/KEY.")
    private @Nullable Path configMaps;

    @Option(names = "--strict", description = "Exit with 1 on warnings, too.")
    private boolean strict;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text (default) or json.")
    private OutputFormat output = OutputFormat.TEXT;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PolicyCheck check = PolicyCheck.of(
                FileSourceConfig.of(files, Optional.ofNullable(secrets), Optional.ofNullable(configMaps)), System.in);
        boolean bad = check.hasErrors() || strict && !check.isClean();
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.JSON) {
            out.println(Json.line(json(check, bad)));
        } else {
            check.problems().forEach(problem -> out.println(line(problem)));
            check.directories().forEach(out::println);
            spec.commandLine().getErr().println(summary(check));
        }
        return bad ? ExitCode.NO : ExitCode.OK;
    }

    private static String line(PolicyProblem problem) {
        if (problem.severity() == Severity.ERROR) {
            return problem.toString();
        }
        return new PolicyProblem(
                        problem.severity(),
                        problem.file(),
                        problem.line(),
                        problem.object(),
                        problem.path(),
                        "warning: " + problem.message())
                .toString();
    }

    private static String summary(PolicyCheck check) {
        long warnings = count(check, Severity.WARNING);
        long errors = count(check, Severity.ERROR) + check.directories().size();
        return "sallyport: policies in force: " + check.policies() + ", errors: " + errors + ", warnings: " + warnings;
    }

    private static long count(PolicyCheck check, Severity severity) {
        return check.problems().stream()
                .filter(problem -> problem.severity() == severity)
                .count();
    }

    private static Map<String, Object> json(PolicyCheck check, boolean bad) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ok", !bad);
        json.put("policies", check.policies());
        json.put("problems", check.problems().stream().map(Json::problem).toList());
        json.put("directories", check.directories());
        return json;
    }
}
