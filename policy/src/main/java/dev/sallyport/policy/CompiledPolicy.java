package dev.sallyport.policy;

import java.util.List;
import java.util.Optional;

/**
 * What the documents of one workload became.
 *
 * @param policy what is in force; empty: the workload denies everything
 * @param errors why there is none; empty when there is
 * @param problems the errors and the warnings, sorted
 */
public record CompiledPolicy(Optional<EgressPolicy> policy, List<PolicyProblem> errors, List<PolicyProblem> problems) {
    public CompiledPolicy {
        errors = List.copyOf(errors);
        problems = List.copyOf(problems);
    }
}
