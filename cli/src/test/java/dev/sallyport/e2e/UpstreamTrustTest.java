package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.inside;
import static dev.sallyport.e2e.Attempts.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Upstreams whose certificates do not hold get nothing; every host here has a credential that it must not see. */
class UpstreamTrustTest extends CaseTable {
    private static final List<String> BAD =
            List.of("expired", "selfsigned", "wrongname", "badku", "clientonly", "unknownca", "own");

    UpstreamTrustTest() {
        super(policy(), new PolicyId("agents", "trust"));
    }

    private static String policy() {
        return """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: own-roots, namespace: agents}
                data:
                  ca.pem: |
                %s
                ---
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: trust, namespace: agents}
                spec:
                  hosts:
                  - {host: cleartext.example.com}
                  - {host: "*.wild.example.com"}
                  - host: c.example.com
                    resolveTo: ["203.0.113.10:8443"]
                    trustedCa: {configMapKeyRef: {name: own-roots, key: ca.pem}}
                  - host: api.example.com
                    credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]
                """.formatted(Internet.get().ownCa().indent(4).stripTrailing())
                + BAD.stream()
                        .map(
                                name -> "  - host: " + name + ".example.com\n"
                                        + (name.equals("own")
                                                ? "    trustedCa: {configMapKeyRef: {name: own-roots, key: ca.pem}}\n"
                                                : "")
                                        + "    credentials: [{header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}]\n")
                        .collect(Collectors.joining());
    }

    static Stream<Case> cases() {
        return Stream.of(
                        BAD.stream()
                                .filter(name -> !name.equals("own"))
                                .map(name -> name + ".example.com")
                                .flatMap(name -> Stream.of(
                                        inside("CERT-10").to(name).get("/e").refused(503, "upstream_untrusted"),
                                        url("PROXY-09", "http://" + name + "/e").refused(503, "upstream_untrusted"))),
                        Stream.of("expired", "selfsigned", "wrongname")
                                .map(name -> url("PROXY-09", "http://" + name + ".wild.example.com/e")
                                        .refused(503, "upstream_untrusted")),
                        Stream.of(
                                inside("CERT-11")
                                        .to("own.example.com")
                                        .get("/e")
                                        .served(request -> assertThat(request.values("x-api-key"))
                                                .containsExactly(Machine.KEY)),
                                // A public certificate does not hold where the policy names another CA.
                                inside("CERT-11").to("c.example.com").get("/e").refused(503, "upstream_untrusted"),
                                inside("CERT-11").get("/e").served(),
                                inside("HDR-09")
                                        .get("/e")
                                        .served(request -> assertThat(request.values("x-api-key"))
                                                .containsExactly(Machine.KEY)),
                                // Clear text where TLS was expected.
                                url("PROXY-09", "http://cleartext.example.com/e")
                                        .answeredAfterSending(503)))
                .flatMap(table -> table);
    }
}
