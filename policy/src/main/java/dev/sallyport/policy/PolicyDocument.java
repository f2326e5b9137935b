package dev.sallyport.policy;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One {@code EgressPolicy} document after parsing and its own validation.
 *
 * @param id empty when the document does not say which workload it is for
 * @param policy empty when {@code problems} holds an error
 * @param file where it was read
 * @param line of its first line, from 1
 * @param problems errors and warnings, in the order of their lines
 * @param hostLines where each host entry stands, for {@code explain}; only entries whose {@code host} is one
 */
public record PolicyDocument(
        Optional<PolicyId> id,
        Optional<EgressPolicy> policy,
        String file,
        int line,
        List<PolicyProblem> problems,
        SortedMap<HostPattern, Integer> hostLines) {
    public PolicyDocument {
        problems = List.copyOf(problems);
        hostLines = Collections.unmodifiableSortedMap(new TreeMap<>(hostLines));
    }
}
