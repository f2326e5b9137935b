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
 * @param version of the object that it is; empty: it was read from a file
 */
public record PolicyDocument(
        Optional<PolicyId> id,
        Optional<EgressPolicy> policy,
        String file,
        int line,
        List<PolicyProblem> problems,
        SortedMap<HostPattern, Integer> hostLines,
        Optional<PolicyVersion> version) {
    public PolicyDocument {
        problems = List.copyOf(problems);
        hostLines = Collections.unmodifiableSortedMap(new TreeMap<>(hostLines));
    }

    /** One that was read from a file. */
    public PolicyDocument(
            Optional<PolicyId> id,
            Optional<EgressPolicy> policy,
            String file,
            int line,
            List<PolicyProblem> problems,
            SortedMap<HostPattern, Integer> hostLines) {
        this(id, policy, file, line, problems, hostLines, Optional.empty());
    }

    /** The same as the state of an object. */
    public PolicyDocument at(PolicyVersion of) {
        return new PolicyDocument(id, policy, file, line, problems, hostLines, Optional.of(of));
    }
}
