package dev.sallyport.policy;

import dev.sallyport.policy.PolicyProblem.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes of documents what is in force. Rules that no document can check alone: one document per workload, and a bound on the policies of a namespace. Whatever is in doubt is rejected, and a rejected workload denies
 * everything. The order of the documents changes nothing. Thread-safe: has no state.
 */
public final class PolicyCompiler {
    private PolicyCompiler() {}

    /** Compiles all of them. Never fails: what is wrong is in the problems. */
    public static Compilation compile(PolicyDocuments documents) {
        NavigableSet<PolicyId> ids = new TreeSet<>();
        documents.differences(PolicyDocuments.NONE, ids::add);
        NamespaceQuota quota = new NamespaceQuota();
        ids.forEach(id -> quota.add(id, moved -> {}));
        SortedMap<PolicyId, EgressPolicy> accepted = new TreeMap<>();
        SortedMap<PolicyId, List<PolicyProblem>> rejected = new TreeMap<>();
        List<PolicyProblem> problems = new ArrayList<>(ofNoWorkload(documents));
        for (PolicyId id : ids) {
            CompiledPolicy compiled = compile(id, documents.of(id), quota.exceededBy(id));
            compiled.policy()
                    .ifPresentOrElse(policy -> accepted.put(id, policy), () -> rejected.put(id, compiled.errors()));
            problems.addAll(compiled.problems());
        }
        return new Compilation(new PolicySet(accepted, rejected), sorted(problems));
    }

    /** What is wrong with {@code documents} and concerns no workload that they name, in no order. */
    public static List<PolicyProblem> ofNoWorkload(PolicyDocuments documents) {
        List<PolicyProblem> problems = new ArrayList<>(documents.problems());
        documents.nameless().forEach(document -> problems.addAll(document.problems()));
        return problems;
    }

    /**
     * Compiles what one workload has.
     *
     * @param documents at least one, all of {@code id}, by file and line
     * @param beyondQuota whether its namespace has too many others, see {@link NamespaceQuota}
     */
    public static CompiledPolicy compile(PolicyId id, List<PolicyDocument> documents, boolean beyondQuota) {
        List<PolicyProblem> across = acrossDocuments(id, documents, beyondQuota);
        List<PolicyProblem> problems = new ArrayList<>(across);
        documents.forEach(document -> problems.addAll(document.problems()));
        Optional<EgressPolicy> policy = across.isEmpty() ? documents.get(0).policy() : Optional.empty();
        List<PolicyProblem> all = sorted(problems);
        Optional<PolicyVersion> version =
                documents.size() == 1 ? documents.get(0).version() : Optional.empty();
        return new CompiledPolicy(policy, policy.isPresent() ? List.of() : Problems.errors(all), all, version);
    }

    /** Without repetition, by place. */
    public static List<PolicyProblem> sorted(List<PolicyProblem> problems) {
        return problems.isEmpty()
                ? List.of()
                : problems.stream().distinct().sorted(Problems.ORDER).toList();
    }

    private static List<PolicyProblem> acrossDocuments(
            PolicyId id, List<PolicyDocument> documents, boolean beyondQuota) {
        List<PolicyProblem> problems = new ArrayList<>();
        for (int i = 0; i < documents.size() && documents.size() > 1; i++) {
            PolicyDocument other = documents.get(i == 0 ? 1 : 0);
            String message = "this workload has another policy at " + other.file() + ":" + other.line()
                    + "; none of them is in force";
            problems.add(error(id, documents.get(i), "metadata.name", message));
        }
        if (beyondQuota) {
            String message = "namespace " + id.namespace() + " has more than " + NamespaceQuota.MAX
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
