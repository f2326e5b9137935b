package dev.sallyport.policy;

import dev.sallyport.policy.PolicyProblem.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one document. Not safe for use by several threads. */
public final class Problems {
    static final Comparator<PolicyProblem> ORDER = Comparator.comparing(PolicyProblem::file)
            .thenComparing(PolicyProblem::line)
            .thenComparing(PolicyProblem::object)
            .thenComparing(PolicyProblem::path)
            .thenComparing(PolicyProblem::message);

    private static final int MAX = 2_000;

    private final String file;
    private final String object;
    private final List<PolicyProblem> found;

    /**
     * For one document.
     *
     * @param file how its file is named in messages
     * @param object how it is named in messages
     */
    public Problems(String file, String object) {
        this(file, object, new ArrayList<>());
    }

    private Problems(String file, String object, List<PolicyProblem> found) {
        this.file = file;
        this.object = object;
        this.found = found;
    }

    /** For another object of the file; what is recorded there is recorded here. */
    Problems of(String another) {
        return new Problems(file, another, found);
    }

    /** Records an error at {@code line}, counted from 1. */
    public void error(int line, String path, String message) {
        add(new PolicyProblem(Severity.ERROR, file, line, object, path, message));
    }

    void warning(int line, String path, String message) {
        add(new PolicyProblem(Severity.WARNING, file, line, object, path, message));
    }

    /** Of what no person reads to its end only the beginning is kept, and when errors follow an error that says so. */
    private void add(PolicyProblem problem) {
        if (found.size() < MAX) {
            found.add(problem);
        } else if (found.size() == MAX && problem.severity() == Severity.ERROR) {
            found.add(new PolicyProblem(
                    Severity.ERROR, file, problem.line(), object, "", "more errors follow, which are not told"));
        }
    }

    /** Whether nothing but warnings was recorded. */
    public boolean noErrors() {
        return errors(found).isEmpty();
    }

    /** All of them, in the order of lines. */
    public List<PolicyProblem> sorted() {
        return found.stream().sorted(ORDER).toList();
    }

    static List<PolicyProblem> errors(List<PolicyProblem> problems) {
        return problems.stream()
                .filter(problem -> problem.severity() == Severity.ERROR)
                .toList();
    }
}
