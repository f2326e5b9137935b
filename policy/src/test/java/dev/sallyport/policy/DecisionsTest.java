package dev.sallyport.policy;

import static dev.sallyport.policy.Policies.accepted;
import static dev.sallyport.policy.Policies.withSpec;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecisionsTest {
    private static final EgressPolicy P = accepted(withSpec(
            "hosts:",
            "- {host: api.example.com, ports: [443, 8443]}",
            "- host: b.example.com",
            "- host: \"*.wild.example.com\"",
            "- {host: bad.wild.example.com, action: Deny}",
            "- {host: narrow.wild.example.com, ports: [8443]}",
            "- {host: \"*.int.wild.example.com\", action: Deny}",
            "- {host: ok.int.wild.example.com}"));
    private static final EgressPolicy STAR = accepted(withSpec(
            "hosts: [{host: \"*\"}, {host: bad.example.org, action: Deny}, {host: \"*.example.net\", ports: [1]}]"));

    private static String verdict(EgressPolicy policy, String host, int port) {
        Decision decision = Decisions.decide(policy, host, port);
        assertThat(decision.allowed()).isEqualTo(decision.reason().isEmpty());
        return decision.reason().map(Reason::code).orElse("allowed") + " "
                + decision.entry().map(entry -> entry.host().text()).orElse("-");
    }

    @ParameterizedTest
    @CsvSource({
        "api.example.com, 443, allowed api.example.com",
        "API.Example.COM., 443, allowed api.example.com",
        "api.example.com, 8443, allowed api.example.com",
        "api.example.com, 80, port_not_allowed api.example.com",
        "b.example.com, 8443, port_not_allowed b.example.com",
        "other.example, 443, host_not_allowed -",
        "api.example.com.., 443, host_not_allowed -",
        "a.wild.example.com, 443, allowed *.wild.example.com",
        "a.b.wild.example.com, 443, allowed *.wild.example.com",
        "a_b.wild.example.com, 443, allowed *.wild.example.com",
        "wild.example.com, 443, host_not_allowed -",
        "xwild.example.com, 443, host_not_allowed -",
        ".wild.example.com, 443, host_not_allowed -",
        "bad.wild.example.com, 443, host_denied bad.wild.example.com",
        "bad.wild.example.com., 9999, host_denied bad.wild.example.com",
        "x.bad.wild.example.com, 443, allowed *.wild.example.com",
        "narrow.wild.example.com, 443, port_not_allowed narrow.wild.example.com",
        "x.int.wild.example.com, 443, host_denied *.int.wild.example.com",
        "int.wild.example.com, 443, allowed *.wild.example.com",
        "ok.int.wild.example.com, 443, allowed ok.int.wild.example.com",
        "'', 443, host_not_allowed -",
        "., 443, host_not_allowed -"
    })
    @DisplayName("DEC-01, DEC-03, DEC-05, WILD-01..05, WILD-07, HOST-12 the most specific entry decides")
    void theMostSpecificEntryDecides(String host, int port, String verdict) {
        assertThat(verdict(P, host, port)).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource({
        "any.example, 443, allowed *",
        "any.example, 80, port_not_allowed *",
        "bad.example.org, 443, host_denied bad.example.org",
        "x.example.net, 443, port_not_allowed *.example.net",
        "localhost, 443, allowed *"
    })
    @DisplayName("WILD-08 * covers every name that nothing else covers")
    void anyCoversTheRest(String host, int port, String verdict) {
        assertThat(verdict(STAR, host, port)).isEqualTo(verdict);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "203.0.113.10",
                "[2001:db8::1]",
                "2001:db8::1",
                "127.1",
                "2130706433",
                "0x7f.0.0.1",
                "1.2.3.4.",
                "a b",
                "a/b",
                "bücher.example",
                "\u212Aelvin.example",
                "a..b",
                "a:443",
                "user@a.example"
            })
    @DisplayName("HOST-15 what is no name is denied, even by *")
    void deniesWhatIsNoName(String host) {
        assertThat(verdict(STAR, host, 443)).isEqualTo("host_not_allowed -");
    }

    @Test
    @DisplayName("DEC-06 no hosts, nothing allowed")
    void noHostsAllowNothing() {
        for (String spec : List.of("hosts: []", "access: Restricted", "access: None")) {
            assertThat(verdict(accepted(withSpec(spec)), "api.example.com", 443))
                    .isEqualTo("host_not_allowed -");
        }
    }

    @Test
    void unrestrictedAllowsAllButMetadata() {
        EgressPolicy open = accepted(withSpec("access: Unrestricted"));
        assertThat(verdict(open, "any.example", 80)).isEqualTo("allowed -");
        assertThat(verdict(open, "203.0.113.10", 80)).isEqualTo("allowed -");
        for (String address :
                List.of("169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "::ffff:169.254.1.1")) {
            assertThat(verdict(open, address, 80)).isEqualTo("address_not_public -");
        }
    }

    @Test
    @DisplayName("DEC-11 the order of hosts, ports and credentials changes nothing")
    void orderChangesNothing() {
        Random random = new Random(7);
        List<String> hosts = new ArrayList<>(
                List.of("\"*\"", "\"*.b.example\"", "a.b.example", "\"*.a.b.example\"", "c.example", "d.example"));
        List<String> ports = new ArrayList<>(List.of("443", "8443", "1", "65535"));
        List<String> headers = new ArrayList<>(List.of("x-a", "x-b", "authorization"));
        EgressPolicy first = shuffled(hosts, ports, headers);
        for (int i = 0; i < 50; i++) {
            List.of(hosts, ports, headers).forEach(list -> Collections.shuffle(list, random));
            assertThat(shuffled(hosts, ports, headers)).isEqualTo(first);
        }
    }

    private static EgressPolicy shuffled(List<String> hosts, List<String> ports, List<String> headers) {
        StringBuilder entries = new StringBuilder("hosts: [");
        for (String host : hosts) {
            entries.append("{host: ").append(host).append(", ports: ").append(ports);
            if (!host.contains("*")) {
                entries.append(", credentials: [");
                headers.forEach(header -> entries.append("{header: ")
                        .append(header)
                        .append(", valueFrom: {secretKeyRef: {name: a, key: b}}},"));
                entries.append("]");
            }
            entries.append("},");
        }
        return accepted(withSpec(entries.append("]").toString()));
    }

    @Test
    void agreesWithAPlainReadingOfTheRules() {
        Random random = new Random(11);
        List<String> labels = List.of("a", "b", "c");
        for (int round = 0; round < 300; round++) {
            List<String> patterns = IntStream.range(0, 4)
                    .mapToObj(i -> name(random, labels))
                    .distinct()
                    .toList();
            List<String> entries = patterns.stream()
                    .map(p -> (random.nextBoolean() ? "*." : "") + p)
                    .distinct()
                    .toList();
            String yaml = withSpec("hosts: ["
                    + String.join(
                            ",",
                            entries.stream()
                                    .map(e -> "{host: \"" + e + "\"" + (random.nextInt(3) == 0 ? ", action: Deny" : "")
                                            + "}")
                                    .toList())
                    + "]");
            EgressPolicy policy = accepted(yaml);
            for (int i = 0; i < 10; i++) {
                String host = name(random, labels);
                assertThat(Decisions.decide(policy, host, 443).entry()).isEqualTo(plainly(policy, host));
            }
        }
    }

    private static String name(Random random, List<String> labels) {
        return String.join(
                ".",
                IntStream.rangeClosed(0, random.nextInt(3))
                        .mapToObj(i -> labels.get(random.nextInt(3)))
                        .toList());
    }

    /** The exact name; then the name with one label after the other replaced by a star. */
    private static java.util.Optional<HostEntry> plainly(EgressPolicy policy, String host) {
        List<String> candidates = new ArrayList<>(List.of(host));
        for (String rest = host; rest.contains("."); ) {
            rest = rest.substring(rest.indexOf('.') + 1);
            candidates.add("*." + rest);
        }
        return candidates.stream()
                .flatMap(candidate -> policy.hosts().stream()
                        .filter(entry -> entry.host().text().equals(candidate)))
                .findFirst();
    }
}
