package dev.sallyport.policy;

import java.util.List;

/**
 * Everything that a source holds at one moment: each document that was meant to be an {@code EgressPolicy}, parsed or not.
 *
 * @param documents in the order of the source
 * @param problems what belongs to no document: a file that cannot be read, YAML that cannot be parsed, an unknown kind
 */
public record PolicyDocuments(List<PolicyDocument> documents, List<PolicyProblem> problems) {
    public PolicyDocuments {
        documents = List.copyOf(documents);
        problems = List.copyOf(problems);
    }
}
