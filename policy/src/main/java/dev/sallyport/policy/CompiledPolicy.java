package dev.sallyport.policy;

import java.util.List;
import java.util.Optional;

/**
 * What the documents of one workload became.
 *
 * @param policy what is in force; empty: the workload denies everything
 * @param errors why there is none; empty when there is
 * @param problems the errors and the warnings, sorted
 * @param version of the object that the only document is; empty: there are several, or it was read from a file
 */
public record CompiledPolicy(
        Optional<EgressPolicy> policy,
        List<PolicyProblem> errors,
        List<PolicyProblem> problems,
        Optional<PolicyVersion> version) {
    public CompiledPolicy {
        errors = List.copyOf(errors);
        problems = List.copyOf(problems);
    }
}
