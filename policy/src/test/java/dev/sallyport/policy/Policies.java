package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Policies of tests, written as people write them. */
final class Policies {
    private Policies() {}

    /** A document {@code agents/p} whose {@code spec} is {@code spec}, one line each. */
    static String withSpec(String... spec) {
        return "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p, namespace: agents}\nspec:\n  "
                + String.join("\n  ", spec) + "\n";
    }

    /** A document with one host entry in flow style: {@code host: a.example.com, tls: Passthrough}. */
    static String withHost(String entry) {
        return withSpec("hosts: [{" + entry + "}]");
    }

    static PolicyDocument document(String yaml) {
        ParsedFile file = PolicyParser.parse("f.yaml", yaml);
        assertThat(file.policies()).hasSize(1);
        return file.policies().get(0);
    }

    static EgressPolicy accepted(String yaml) {
        PolicyDocument document = document(yaml);
        assertThat(Problems.errors(document.problems())).isEmpty();
        return document.policy().orElseThrow();
    }

    static HostEntry acceptedHost(String entry) {
        return accepted(withHost(entry)).hosts().get(0);
    }

    /** The errors of a document, as {@code PATH: message}. */
    static List<String> errors(String yaml) {
        PolicyDocument document = document(yaml);
        List<PolicyProblem> errors = Problems.errors(document.problems());
        assertThat(document.policy().isEmpty()).isEqualTo(!errors.isEmpty());
        return errors.stream()
                .map(error -> error.path() + ": " + error.message())
                .toList();
    }

    static List<String> hostErrors(String entry) {
        return errors(withHost(entry));
    }
}
