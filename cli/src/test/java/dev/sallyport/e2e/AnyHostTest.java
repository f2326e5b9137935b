package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.connect;
import static dev.sallyport.e2e.Attempts.inside;
import static dev.sallyport.e2e.Attempts.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.Decisions;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.Hosts;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.Reason;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.OddHosts;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A policy that lets every name through but some. */
class AnyHostTest extends CaseTable {
    private static final String POLICY = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: star, namespace: agents}
            spec:
              hosts:
              - host: "*"
              - {host: bad.example.org, action: Deny}
              - {host: "*.int.example.org", action: Deny}
              - {host: api.example.com, credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]}
            """;

    AnyHostTest() {
        super(POLICY, new PolicyId("agents", "star"));
    }

    @Test
    @DisplayName("HOST-15 WILD-08 odd hosts: the sidecar decides as the policy's own rule does")
    void decidesAsThePolicySays() throws IOException {
        EgressPolicy policy = machine().status(workload()).policy().orElseThrow();
        for (String host : OddHosts.all()) {
            HttpReply reply = app().connect(host + ":443");
            // The parser takes no underscore, which some names in DNS have, and little else that is no name.
            if (reply.status() == 400) {
                assertThat(host).doesNotMatch("[a-zA-Z0-9.-]*");
            } else {
                assertThat(reply.header("x-sallyport-reason"))
                        .as("%s %s", host, reply)
                        .isEqualTo(Decisions.decide(policy, host, 443).reason().map(Reason::code));
            }
        }
    }

    static Stream<Case> cases() {
        return Stream.of(table(), serverNames()).flatMap(cases -> cases);
    }

    /** A server name that is no name for the policy is not dialled: not even a connection is opened. */
    private static Stream<Case> serverNames() {
        return OddHosts.all().stream()
                .filter(host -> host.matches("[0-9a-zA-Z]+([.][0-9a-zA-Z]+)*") && !host.matches(Hosts.NAME))
                .map(host -> inside("CERT-07")
                        .through("x.example.org:443")
                        .asking(host)
                        .get("/e")
                        .closed("no_matching_chain"));
    }

    private static Stream<Case> table() {
        return Stream.of(
                connect("WILD-08", "x.example.org:443").served(),
                inside("WILD-08")
                        .to("x.example.org")
                        .trustingPublicRoots()
                        .get("/e")
                        .served(),
                connect("WILD-08", "bad.example.org:443").refused(403, "host_denied"),
                connect("WILD-08", "203.0.113.10:443").refused(403, "host_not_allowed"),
                connect("HOST-15", "203.0.113.10:443").refused(403, "host_not_allowed"),
                connect("HOST-15", "[2001:db8:ffff::10]:443").refused(403, "host_not_allowed"),
                url("HOST-15", "http://203.0.113.10/").refused(403, "host_not_allowed"),
                connect("DEC-03", "x.example.org:8443").refused(403, "port_not_allowed"),
                connect("WILD-05", "x.example.org:443").served(),
                connect("WILD-05", "x.int.example.org:443").refused(403, "host_denied"),
                inside("WILD-06")
                        .through("x.example.org:443")
                        .asking("bad.example.org")
                        .get("/e")
                        .closed("host_denied"),
                inside("CERT-07")
                        .through("x.example.org:443")
                        .withoutName()
                        .get("/e")
                        .closed("no_matching_chain"),
                inside("CERT-07")
                        .through("x.example.org:443")
                        .asking("203.0.113.19")
                        .get("/e")
                        .closed("no_matching_chain"),
                inside("CERT-07")
                        .through("x.example.org:443")
                        .asking("10.9.0.1")
                        .get("/e")
                        .closed("no_matching_chain"),
                inside("WILD-04").get("/e").served(),
                inside("TLS-02").get("/e", "x.example.org").refused(421, "authority_mismatch"),
                inside("TLS-04").get("/e", "203.0.113.1").refused(400, "bad_authority"),
                inside("TLS-05").get("/e", "x.example.org:99").refused(400, "bad_authority"),
                inside("TLS-03").get("/e", "bad.example.org").refused(400, "bad_authority"),
                url("PROXY-08", "http://x.example.org/e").served(),
                url("PROXY-08", "http://bad.example.org/e").refused(403, "host_denied"),
                connect("PROXY-14", "localhost:15001").refused(403, "port_not_allowed"));
    }
}
