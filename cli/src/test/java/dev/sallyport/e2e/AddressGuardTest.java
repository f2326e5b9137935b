package dev.sallyport.e2e;

import static dev.sallyport.e2e.Attempts.inside;
import static dev.sallyport.e2e.Attempts.url;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Names that lead inside. Each address has a server that would answer: {@link OpenAddressesTest} reaches them where the policy lets it, {@link GuardControlsTest} all of them without the guard. */
class AddressGuardTest extends CaseTable {
    /** Names of Internet, each with an address of another kind that is not public. */
    static final List<String> PRIVATE = List.of(
            "ten",
            "oneseventytwo",
            "home",
            "shared",
            "protocol",
            "benchmark",
            "uniquelocal",
            "sitelocal",
            "discard",
            "segment");

    /** Never reachable by a name; the last six are IPv6 forms of an IPv4 address. */
    static final List<String> NEVER = List.of(
            "loopback",
            "loopback6",
            "metadata",
            "metadata6",
            "alibaba",
            "azure",
            "linklocal6",
            "multicast",
            "multicast6",
            "zero",
            "zero6",
            "mapped",
            "compatible",
            "nat64",
            "nat64local",
            "sixtofour",
            "teredo");

    AddressGuardTest() {
        super(policy(), new PolicyId("agents", "guarded"));
    }

    private static String policy() {
        return """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: guarded, namespace: agents}
                spec:
                  hosts:
                  - host: mixed.example.com
                  - host: api.example.com
                  - host: "*.wild.example.com"
                """
                + Stream.concat(PRIVATE.stream(), NEVER.stream())
                        .map(name -> "  - host: " + name + ".example.com\n")
                        .collect(Collectors.joining());
    }

    static Stream<Case> cases() {
        return Stream.of(
                        Stream.concat(PRIVATE.stream(), NEVER.stream())
                                .map(name -> name + ".example.com")
                                .flatMap(name -> Stream.of(
                                        inside("CAP-09").to(name).get("/e").refused(503, "address_not_public"),
                                        url("CAP-09", "http://" + name + "/e").refused(503, "address_not_public"))),
                        Stream.of("loopback", "loopback6", "ten", "metadata")
                                .map(name -> inside("CAP-09")
                                        .to(name + ".wild.example.com")
                                        .trustingPublicRoots()
                                        .get("/e")
                                        .closed("no_usable_address")),
                        Stream.of(url("CAP-09", "http://ten.wild.example.com/e").refused(503, "address_not_public")),
                        Stream.of(
                                inside("CAP-09").get("/e").served(),
                                inside("CAP-09")
                                        .to("mixed.example.com")
                                        .get("/e")
                                        .served(request -> assertThat(request.connection()
                                                        .to()
                                                        .getAddress()
                                                        .getHostAddress())
                                                .isEqualTo("203.0.113.19"))))
                .flatMap(table -> table);
    }
}
