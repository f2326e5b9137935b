package dev.sallyport.policy;

import java.util.List;

/**
 * What the compiler made of the documents.
 *
 * @param problems all of them, sorted by file and line
 */
public record Compilation(PolicySet policies, List<PolicyProblem> problems) {
    public Compilation {
        problems = List.copyOf(problems);
    }
}
