package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.connect;
import static dev.sallyport.e2e.Attempts.inside;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import java.util.stream.Stream;

/** An exact host within a wildcard. */
class MixedWildcardTest extends CaseTable {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: mixed, namespace: agents}
            spec:
              hosts:
              - host: "*.wild.example.com"
              - {host: a.wild.example.com, credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]}
              - {host: "*.example.org"}
              - {host: "*.int.example.org", action: Deny}
            """;

    MixedWildcardTest() {
        super(POLICY, new PolicyId("agents", "mixed"));
    }

    static Stream<Case> cases() {
        return Stream.of(
                inside("WILD-04")
                        .to("a.wild.example.com")
                        .get("/e")
                        .served(request ->
                                assertThat(request.values("x-api-key")).containsExactly(Machine.KEY)),
                inside("WILD-04")
                        .to("b.wild.example.com")
                        .trustingPublicRoots()
                        .get("/e")
                        .served(request ->
                                assertThat(request.values("x-api-key")).isEmpty()),
                connect("WILD-05", "x.example.org:443").served(),
                connect("WILD-05", "x.int.example.org:443").refused(403, "host_denied"),
                inside("WILD-05")
                        .through("x.example.org:443")
                        .asking("x.int.example.org")
                        .get("/e")
                        .closed("host_denied"));
    }
}
