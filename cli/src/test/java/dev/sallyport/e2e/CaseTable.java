package dev.sallyport.e2e;

import dev.sallyport.policy.PolicyId;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A table of cases that one sidecar with one policy has to pass; a subclass is the policy and the table, a static method {@code cases}. */
@EndToEnd
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CaseTable {
    private final String policies;
    private final PolicyId workload;
    private Machine machine;
    private App app;
    private Verdicts verdicts;

    @SuppressWarnings("NullAway.Init") // Before all tests.
    CaseTable(String policies, PolicyId workload) {
        this.policies = policies;
        this.workload = workload;
    }

    @BeforeAll
    void start() {
        machine = Machine.with(policies);
        prepare(machine);
        TestSidecar sidecar = machine.sidecar(workload);
        app = machine.app(workload, sidecar);
        verdicts = new Verdicts(workload.toString(), app, sidecar);
    }

    @AfterAll
    void stop() throws IOException {
        machine.close();
    }

    Machine machine() {
        return machine;
    }

    PolicyId workload() {
        return workload;
    }

    App app() {
        return app;
    }

    /** More files, before the sidecar starts. */
    void prepare(Machine machine) {}

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void passes(Case one) throws IOException {
        verdicts.check(one);
    }
}
