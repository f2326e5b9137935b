package dev.sallyport.policy;

import java.util.List;
import java.util.Optional;

/**
 * One {@code EgressPolicy} document after parsing and its own validation.
 *
 * @param id empty when the document does not say which workload it is for
 * @param policy empty when {@code problems} holds an error
 * @param file where it was read
 * @param line of its first line, from 1
 * @param problems errors and warnings, in the order of their lines
 */
public record PolicyDocument(
        Optional<PolicyId> id, Optional<EgressPolicy> policy, String file, int line, List<PolicyProblem> problems) {
    public PolicyDocument {
        problems = List.copyOf(problems);
    }
}
