package dev.sallyport.cli;

import dev.sallyport.policy.Compilation;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.file.FileSource;
import dev.sallyport.source.file.FileSourceConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * The policy that a command works with, out of the files it was given.
 *
 * @param warnings of all files, one line each
 */
record PolicyChoice(EgressPolicy policy, List<String> warnings) {
    /**
     * Reads the files and chooses.
     *
     * @param workload {@code NAMESPACE/NAME}; empty: there must be one policy only
     * @throws UserError with every error in the files, one line each; or when there is nothing to choose, or too much
     */
    static PolicyChoice of(FileSourceConfig files, Optional<String> workload) {
        files.policies().forEach(file -> require(file, "--policy"));
        SourceState state = FileSource.read(files);
        Compilation compilation = PolicyCompiler.compile(state.documents());
        List<String> errors = problems(compilation, PolicyProblem.Severity.ERROR);
        if (!errors.isEmpty()) {
            throw new UserError(String.join("\n", errors));
        }
        List<String> warnings = new ArrayList<>(problems(compilation, PolicyProblem.Severity.WARNING));
        warnings.addAll(state.problems());
        return new PolicyChoice(choose(compilation.policies().accepted(), workload), List.copyOf(warnings));
    }

    /** A flag's file or directory that is not there is a {@link UserError}. */
    static void require(Path path, String flag) {
        if (!Files.exists(path)) {
            throw new UserError(flag + " " + path + ": no such file or directory");
        }
        if (!Files.isReadable(path)) {
            throw new UserError(flag + " " + path + ": permission denied");
        }
    }

    private static EgressPolicy choose(SortedMap<PolicyId, EgressPolicy> accepted, Optional<String> workload) {
        String all = accepted.keySet().stream().map(PolicyId::toString).collect(Collectors.joining(", "));
        if (accepted.isEmpty()) {
            throw new UserError("no EgressPolicy in the files (expected: one document of kind EgressPolicy)");
        }
        if (workload.isEmpty() && accepted.size() > 1) {
            throw new UserError("several policies: " + all + "; choose one with --workload NAMESPACE/NAME");
        }
        return accepted.values().stream()
                .filter(policy -> workload.map(policy.id().toString()::equals).orElse(true))
                .findFirst()
                .orElseThrow(() -> new UserError("--workload " + workload.orElse("")
                        + ": no such policy in the files (expected: one of " + all + ")"));
    }

    private static List<String> problems(Compilation compilation, PolicyProblem.Severity severity) {
        return compilation.problems().stream()
                .filter(problem -> problem.severity() == severity)
                .map(PolicyProblem::toString)
                .toList();
    }
}
