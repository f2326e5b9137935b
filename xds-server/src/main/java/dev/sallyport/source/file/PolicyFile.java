package dev.sallyport.source.file;

import dev.sallyport.policy.ParsedFile;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One file as it was read last, immutable. When it does not say any more which workloads it is for, those that it was for before are kept as documents that do not compile: their sidecars deny everything and say why, instead
 * of denying everything as if nobody had ever heard of them.
 *
 * @param name as messages show it
 * @param digest of its content; empty: it could not be read
 * @param documents what it says, and one rejected document for each workload that it may have lost
 * @param problems what belongs to none of them
 */
record PolicyFile(
        String name, String digest, List<PolicyDocument> documents, Manifests manifests, List<PolicyProblem> problems) {
    private static final Manifests NONE = new Manifests(List.of(), List.of(), List.of());

    PolicyFile {
        documents = List.copyOf(documents);
        problems = List.copyOf(problems);
    }

    static PolicyFile parsed(String name, String digest, ParsedFile parsed, Set<PolicyId> before) {
        boolean certain = parsed.problems().isEmpty()
                && parsed.policies().stream().allMatch(document -> document.id().isPresent());
        List<PolicyDocument> documents = new ArrayList<>(parsed.policies());
        if (!certain) {
            documents.addAll(lost(name, firstLine(parsed), workloads(parsed.policies()), before));
        }
        return new PolicyFile(name, digest, documents, ManifestReader.read(parsed.others()), parsed.problems());
    }

    static PolicyFile unreadable(String name, String reason, Set<PolicyId> before) {
        PolicyProblem problem =
                new PolicyProblem(PolicyProblem.Severity.ERROR, name, 1, "file", "", "cannot be read: " + reason);
        return new PolicyFile(name, "", lost(name, 1, Set.of(), before), NONE, List.of(problem));
    }

    /** Whom the file is for, or may be. */
    Set<PolicyId> workloads() {
        return workloads(documents);
    }

    private static Set<PolicyId> workloads(List<PolicyDocument> documents) {
        Set<PolicyId> ids = new TreeSet<>();
        documents.forEach(document -> document.id().ifPresent(ids::add));
        return ids;
    }

    private static int firstLine(ParsedFile parsed) {
        return parsed.problems().stream()
                .mapToInt(PolicyProblem::line)
                .min()
                .orElseGet(() -> parsed.policies().stream()
                        .filter(document -> document.id().isEmpty())
                        .mapToInt(PolicyDocument::line)
                        .min()
                        .orElse(1));
    }

    private static List<PolicyDocument> lost(String name, int line, Set<PolicyId> now, Set<PolicyId> before) {
        SortedMap<PolicyId, PolicyDocument> lost = new TreeMap<>();
        for (PolicyId id : before) {
            if (!now.contains(id)) {
                PolicyProblem problem = new PolicyProblem(
                        PolicyProblem.Severity.ERROR,
                        name,
                        line,
                        "EgressPolicy " + id,
                        "",
                        "it was in this file before, which has errors now and no such policy");
                lost.put(
                        id,
                        new PolicyDocument(
                                Optional.of(id), Optional.empty(), name, line, List.of(problem), new TreeMap<>()));
            }
        }
        return new ArrayList<>(lost.values());
    }
}
