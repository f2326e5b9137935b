package dev.sallyport.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Everything that a source holds at one moment: each document that was meant to be an {@code EgressPolicy}, parsed or not. Documents of one workload are replaced together, at a cost that does not grow with the number of
 * the others. Immutable; equality is by content.
 */
public final class PolicyDocuments {
    public static final PolicyDocuments NONE = new PolicyDocuments(List.of(), List.of());

    static final Comparator<PolicyDocument> BY_PLACE =
            Comparator.comparing(PolicyDocument::file).thenComparing(PolicyDocument::line);

    private final PersistentMap<PolicyId, List<PolicyDocument>> workloads;
    private final List<PolicyDocument> nameless;
    private final List<PolicyProblem> problems;

    private PolicyDocuments(
            PersistentMap<PolicyId, List<PolicyDocument>> workloads,
            List<PolicyDocument> nameless,
            List<PolicyProblem> problems) {
        this.workloads = workloads;
        this.nameless = List.copyOf(nameless);
        this.problems = List.copyOf(problems);
    }

    /**
     * All of them.
     *
     * @param problems what belongs to no document: a file that cannot be read, YAML that cannot be parsed, an unknown kind
     */
    public PolicyDocuments(List<PolicyDocument> documents, List<PolicyProblem> problems) {
        this(
                byWorkload(documents),
                documents.stream().filter(document -> document.id().isEmpty()).toList(),
                problems);
    }

    private static PersistentMap<PolicyId, List<PolicyDocument>> byWorkload(List<PolicyDocument> documents) {
        Map<PolicyId, List<PolicyDocument>> named = new HashMap<>();
        documents.forEach(document -> document.id()
                .ifPresent(id ->
                        named.computeIfAbsent(id, first -> new ArrayList<>(1)).add(document)));
        named.replaceAll((id, same) -> same.stream().sorted(BY_PLACE).toList());
        return PersistentMap.of(named);
    }

    /** These documents, with {@code document} as the only one of its workload. */
    public PolicyDocuments with(PolicyDocument document) {
        PolicyId id = document.id()
                .orElseThrow(() -> new IllegalArgumentException(
                        "document " + document.file() + ":" + document.line() + " does not name its workload"));
        return new PolicyDocuments(workloads.with(id, List.of(document)), nameless, problems);
    }

    /** These documents, without those of that workload. */
    public PolicyDocuments without(PolicyId workload) {
        return new PolicyDocuments(workloads.without(workload), nameless, problems);
    }

    /** Those of one workload, by file and line. */
    public List<PolicyDocument> of(PolicyId workload) {
        return workloads.find(workload).orElse(List.of());
    }

    /** Those that do not say which workload they are for. */
    public List<PolicyDocument> nameless() {
        return nameless;
    }

    /** What belongs to no document. */
    public List<PolicyProblem> problems() {
        return problems;
    }

    /** All of them, by file and line. */
    public List<PolicyDocument> documents() {
        List<PolicyDocument> all = new ArrayList<>(nameless);
        workloads.forEach((id, documents) -> all.addAll(documents));
        all.sort(BY_PLACE);
        return all;
    }

    /** Each workload whose documents are not those of {@code before}. What both share is not looked at. */
    public void differences(PolicyDocuments before, Consumer<? super PolicyId> workload) {
        workloads.differences(before.workloads, workload);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PolicyDocuments that
                && workloads.equals(that.workloads)
                && nameless.equals(that.nameless)
                && problems.equals(that.problems);
    }

    @Override
    public int hashCode() {
        return workloads.hashCode() * 31 + problems.hashCode();
    }

    @Override
    public String toString() {
        return "policies " + workloads + ", " + problems.size() + " problems";
    }
}
