package dev.sallyport.policy;

import dev.sallyport.policy.PolicyProblem.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes of all documents what is in force. Rules that no document can check alone: one document per workload, and a bound on the policies of a namespace. Whatever is in doubt is rejected,
 * and a rejected workload denies everything. The order of the documents changes nothing. Thread-safe: has no state.
 */
public final class PolicyCompiler {
    /** Policies in one namespace; those after it, in the order of their names, are rejected. */
    public static final int MAX_PER_NAMESPACE = 200;

    private static final Comparator<PolicyDocument> BY_PLACE =
            Comparator.comparing(PolicyDocument::file).thenComparing(PolicyDocument::line);

    private PolicyCompiler() {}

    /** Compiles {@code documents}. Never fails: what is wrong is in the problems. */
    public static Compilation compile(PolicyDocuments documents) {
        SortedMap<PolicyId, List<PolicyDocument>> byWorkload = new TreeMap<>();
        for (PolicyDocument document : documents.documents()) {
            document.id()
                    .ifPresent(id -> byWorkload
                            .computeIfAbsent(id, first -> new ArrayList<>())
                            .add(document));
        }
        byWorkload.values().forEach(same -> same.sort(BY_PLACE));
        List<PolicyProblem> problems = new ArrayList<>(documents.problems());
        documents.documents().forEach(document -> problems.addAll(document.problems()));
        return new Compilation(
                policySet(byWorkload, problems),
                problems.stream().distinct().sorted(Problems.ORDER).toList());
    }

    private static PolicySet policySet(
            SortedMap<PolicyId, List<PolicyDocument>> byWorkload, List<PolicyProblem> problems) {
        SortedMap<PolicyId, EgressPolicy> accepted = new TreeMap<>();
        SortedMap<PolicyId, List<PolicyProblem>> rejected = new TreeMap<>();
        Map<String, Integer> counts = new HashMap<>();
        byWorkload.forEach((id, documents) -> {
            int count = counts.merge(id.namespace(), 1, Integer::sum);
            List<PolicyProblem> across = acrossDocuments(id, documents, count);
            problems.addAll(across);
            Optional<EgressPolicy> policy = documents.get(0).policy();
            if (across.isEmpty() && policy.isPresent()) {
                accepted.put(id, policy.get());
            } else {
                rejected.put(id, errors(documents, across));
            }
        });
        return new PolicySet(accepted, rejected);
    }

    private static List<PolicyProblem> errors(List<PolicyDocument> documents, List<PolicyProblem> across) {
        List<PolicyProblem> errors = new ArrayList<>(across);
        documents.forEach(document -> errors.addAll(Problems.errors(document.problems())));
        return errors.stream().distinct().sorted(Problems.ORDER).toList();
    }

    private static List<PolicyProblem> acrossDocuments(PolicyId id, List<PolicyDocument> documents, int count) {
        List<PolicyProblem> problems = new ArrayList<>();
        for (int i = 0; i < documents.size() && documents.size() > 1; i++) {
            PolicyDocument other = documents.get(i == 0 ? 1 : 0);
            String message = "this workload has another policy at " + other.file() + ":" + other.line()
                    + "; none of them is in force";
            problems.add(error(id, documents.get(i), "metadata.name", message));
        }
        if (count > MAX_PER_NAMESPACE) {
            String message = "namespace " + id.namespace() + " has more than " + MAX_PER_NAMESPACE
                    + " policies; those after it in the order of names are not in force";
            problems.add(error(id, documents.get(0), "metadata.namespace", message));
        }
        return problems;
    }

    private static PolicyProblem error(PolicyId id, PolicyDocument document, String path, String message) {
        return new PolicyProblem(
                Severity.ERROR, document.file(), document.line(), PolicyDocumentReader.KIND + " " + id, path, message);
    }
}
