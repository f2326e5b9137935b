package dev.sallyport.snapshot;

import dev.sallyport.policy.CompiledPolicy;
import dev.sallyport.policy.NamespaceQuota;
import dev.sallyport.policy.PersistentMap;
import dev.sallyport.policy.PolicyCompiler;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyDocuments;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/** What the newest documents became, each workload compiled anew only when its own documents or its place in the namespace's quota changed. For one thread. */
final class CompiledPolicies {
    private final LoopMetrics metrics;
    private final NamespaceQuota quota = new NamespaceQuota();
    private final Map<PolicyId, CompiledPolicy> compiled = new HashMap<>();
    private final NavigableSet<PolicyId> stale = new TreeSet<>();
    private PersistentMap<PolicyId, List<PolicyProblem>> problems = PersistentMap.empty();
    private List<PolicyProblem> problemsOfNoWorkload = List.of();
    private PolicyDocuments documents = PolicyDocuments.NONE;
    private int accepted;

    CompiledPolicies(LoopMetrics metrics) {
        this.metrics = metrics;
    }

    /** From now on {@code next} are the documents. {@code changed} is told of each workload that may be under another policy then. */
    void accept(PolicyDocuments next, Consumer<? super PolicyId> changed) {
        NavigableSet<PolicyId> differing = new TreeSet<>();
        next.differences(documents, differing::add);
        for (PolicyId id : differing) {
            stale.add(id);
            if (next.of(id).isEmpty()) {
                quota.remove(id, stale::add);
            } else {
                quota.add(id, stale::add);
            }
        }
        if (next.problems() != documents.problems() || next.nameless() != documents.nameless()) {
            problemsOfNoWorkload = PolicyCompiler.ofNoWorkload(next);
        }
        documents = next;
        stale.forEach(changed);
    }

    /** What one workload is under; empty: no document names it. */
    Optional<CompiledPolicy> of(PolicyId id) {
        if (stale.contains(id)) {
            refresh(id, documents.of(id));
            stale.remove(id);
        }
        return Optional.ofNullable(compiled.get(id));
    }

    private void refresh(PolicyId id, List<PolicyDocument> own) {
        CompiledPolicy before = compiled.get(id);
        if (own.isEmpty()) {
            compiled.remove(id);
            problems = problems.without(id);
        } else {
            CompiledPolicy made = metrics.policyCompiled(PolicyCompiler.compile(id, own, quota.exceededBy(id)));
            compiled.put(id, made);
            problems = made.problems().isEmpty() ? problems.without(id) : problems.with(id, made.problems());
            accepted += made.policy().isPresent() ? 1 : 0;
        }
        accepted -= before != null && before.policy().isPresent() ? 1 : 0;
        metrics.workloads(accepted, compiled.size() - accepted);
    }

    /** Of documents that name their workload, warnings included. */
    PersistentMap<PolicyId, List<PolicyProblem>> problems() {
        return problems;
    }

    /** Of everything else, in no order. */
    List<PolicyProblem> problemsOfNoWorkload() {
        return problemsOfNoWorkload;
    }
}
