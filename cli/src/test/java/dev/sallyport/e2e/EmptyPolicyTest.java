package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.connect;
import static dev.sallyport.e2e.Attempts.url;

import dev.sallyport.policy.PolicyId;
import java.util.stream.Stream;

/** A policy that allows nothing. */
class EmptyPolicyTest extends CaseTable {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: empty, namespace: agents}
            spec: {hosts: []}
            """;

    EmptyPolicyTest() {
        super(POLICY, new PolicyId("agents", "empty"));
    }

    static Stream<Case> cases() {
        return Stream.of(
                connect("DEC-06", "api.example.com:443").refused(403, "host_not_allowed"),
                url("DEC-06", "http://api.example.com/").refused(403, "host_not_allowed"),
                connect("DEC-06", "203.0.113.10:443").refused(403, "host_not_allowed"));
    }
}
