package dev.sallyport.policy;

import dev.sallyport.policy.yaml.YamlDocument;
import java.util.List;

/**
 * What one file holds.
 *
 * @param policies each document that is meant to be an {@code EgressPolicy}, good or bad, in order; their problems are theirs
 * @param others documents of other kinds, in order: valid YAML with a {@code kind}, otherwise unread. Whoever consumes them refuses kinds it does not know
 * @param problems of what belongs to no policy: broken YAML of any other kind, documents without a kind
 */
public record ParsedFile(List<PolicyDocument> policies, List<YamlDocument> others, List<PolicyProblem> problems) {
    public ParsedFile {
        policies = List.copyOf(policies);
        others = List.copyOf(others);
        problems = List.copyOf(problems);
    }
}
