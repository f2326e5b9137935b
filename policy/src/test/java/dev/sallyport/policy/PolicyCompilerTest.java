package dev.sallyport.policy;

import static dev.sallyport.policy.Policies.withHost;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PolicyCompilerTest {
    private static final PolicyId P = new PolicyId("agents", "p");
    private static final String GOOD = withHost("host: a.example.com");
    private static final String BAD = withHost("host: a b");

    private static List<PolicyDocument> parse(String file, String... documents) {
        return PolicyParser.parse(file, String.join("---\n", documents)).policies();
    }

    private static Compilation compile(List<PolicyDocument> documents) {
        return PolicyCompiler.compile(new PolicyDocuments(documents, List.of()));
    }

    private static String named(String document, String name) {
        return document.replace("name: p", "name: " + name);
    }

    @Test
    @DisplayName("POL-19 the good document is in force, the bad one denies its workload")
    void rejectsOnlyTheBadDocument() {
        Compilation compiled = compile(parse("f.yaml", GOOD, named(BAD, "q")));
        assertThat(compiled.policies().accepted()).containsOnlyKeys(P);
        assertThat(compiled.policies().rejected()).containsOnlyKeys(new PolicyId("agents", "q"));
        assertThat(compiled.policies().rejected().get(new PolicyId("agents", "q")))
                .isEqualTo(compiled.problems())
                .hasSize(1);
    }

    @Test
    void twoPoliciesOfOneWorkloadRejectItAndNameBothPlaces() {
        List<PolicyDocument> documents = new ArrayList<>(parse("b.yaml", GOOD, named(GOOD, "other")));
        documents.addAll(parse("a.yaml", "# first\n" + GOOD));
        Compilation compiled = compile(documents);
        assertThat(compiled.policies().accepted()).containsOnlyKeys(new PolicyId("agents", "other"));
        assertThat(compiled.policies().rejected().get(P))
                .extracting(PolicyProblem::toString)
                .containsExactly(
                        "a.yaml:2: EgressPolicy agents/p metadata.name: this workload has another policy at b.yaml:1; none of them is in force",
                        "b.yaml:1: EgressPolicy agents/p metadata.name: this workload has another policy at a.yaml:2; none of them is in force");
    }

    @Test
    void aBrokenSecondDocumentRejectsTheWorkloadToo() {
        Compilation compiled = compile(parse("f.yaml", GOOD, BAD));
        assertThat(compiled.policies().accepted()).isEmpty();
        assertThat(compiled.policies().rejected().get(P)).hasSize(3);
    }

    @Test
    void aNamespaceHasAtMost200Policies() {
        String[] documents = IntStream.range(0, 201)
                .mapToObj(i -> named(GOOD, "p%03d".formatted(i)))
                .toArray(String[]::new);
        List<PolicyDocument> all = new ArrayList<>(parse("f.yaml", documents));
        all.addAll(parse("g.yaml", GOOD.replace("agents", "elsewhere")));
        Compilation compiled = compile(all);
        assertThat(compiled.policies().accepted()).hasSize(201).containsKey(new PolicyId("elsewhere", "p"));
        assertThat(compiled.policies().rejected()).containsOnlyKeys(new PolicyId("agents", "p200"));
        assertThat(compiled.problems())
                .hasSize(1)
                .first()
                .extracting(PolicyProblem::message)
                .asString()
                .contains("more than 200 policies");
    }

    @Test
    void documentsWithoutAnIdAreProblemsOnly() {
        Compilation compiled = compile(parse("f.yaml", GOOD.replace("name: p, ", "")));
        assertThat(compiled.policies()).isEqualTo(PolicySet.EMPTY);
        assertThat(compiled.problems()).hasSize(1);
    }

    @Test
    void warningsRejectNothing() {
        Compilation compiled = compile(
                parse("f.yaml", withHost("host: a.example.com, credentials: [{header: authorization, value: x}]")));
        assertThat(compiled.policies().accepted()).containsOnlyKeys(P);
        assertThat(compiled.problems())
                .extracting(PolicyProblem::severity)
                .containsExactly(PolicyProblem.Severity.WARNING);
    }

    @Test
    void theOrderOfDocumentsChangesNothing() {
        List<PolicyDocument> documents =
                new ArrayList<>(parse("b.yaml", GOOD, named(GOOD, "q"), named(BAD, "r"), GOOD));
        documents.addAll(parse("a.yaml", GOOD, named(BAD, "r")));
        Compilation first = compile(documents);
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(documents, random);
            assertThat(compile(documents)).isEqualTo(first);
        }
    }
}
