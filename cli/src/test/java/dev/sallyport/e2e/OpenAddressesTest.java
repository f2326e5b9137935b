package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.inside;
import static dev.sallyport.e2e.Attempts.url;

import dev.sallyport.policy.PolicyId;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The same as {@link AddressGuardTest} where the policy takes the guard away, as far as one can. */
class OpenAddressesTest extends CaseTable {
    OpenAddressesTest() {
        super(policy(), new PolicyId("agents", "open"));
    }

    private static String policy() {
        return """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: open, namespace: agents}
                spec:
                  hosts:
                  - {host: ten.wild.example.com}
                  - {host: own.example.com, resolveTo: ["127.0.0.1:443"], tls: Passthrough}
                  - {host: b.example.com, resolveTo: ["127.0.0.1:443"]}
                """
                + Stream.concat(AddressGuardTest.PRIVATE.stream(), AddressGuardTest.NEVER.stream())
                        .map(name -> "  - {host: " + name + ".example.com, addresses: Any}\n")
                        .collect(Collectors.joining());
    }

    static Stream<Case> cases() {
        return Stream.of(
                        AddressGuardTest.PRIVATE.stream()
                                .map(name -> name + ".example.com")
                                .flatMap(name -> Stream.of(
                                        inside("CAP-10").to(name).get("/e").served(),
                                        url("CAP-10", "http://" + name + "/e").served())),
                        AddressGuardTest.NEVER.stream()
                                .map(name -> inside("CAP-10")
                                        .to(name + ".example.com")
                                        .get("/e")
                                        .refused(503, "address_not_public")),
                        Stream.of(
                                // For that host only.
                                inside("CAP-10")
                                        .to("ten.wild.example.com")
                                        .get("/e")
                                        .refused(503, "address_not_public"),
                                inside("CAP-10").to("b.example.com").get("/e").served(),
                                inside("CAP-10")
                                        .to("own.example.com")
                                        .trustingOwnCa()
                                        .get("/e")
                                        .served()))
                .flatMap(table -> table);
    }
}
