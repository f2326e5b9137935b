package dev.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.Access;
import dev.sallyport.policy.Capture;
import dev.sallyport.policy.Decisions;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.policy.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class InterimHostsTest {
    private static final PolicyId P = new PolicyId("agents", "p");
    private static final List<String> NAMES = List.of(
            "x.example", "a.x.example", "b.x.example", "a.b.x.example", "c.b.x.example", "y.example", "a.y.example");
    private static final List<String> PATTERNS = List.of(
            "x.example",
            "a.x.example",
            "b.x.example",
            "a.b.x.example",
            "y.example",
            "*.x.example",
            "*.b.x.example",
            "*.example",
            "*");
    private static final List<Integer> PORTS = List.of(443, 8443, 9443);

    @Test
    void needsNothingWhenNothingIsAdded() {
        List<HostEntry> both = hosts("{host: a.example}, {host: b.example}");
        assertThat(InterimHosts.between(both, both)).isEmpty();
        assertThat(InterimHosts.between(both, hosts("{host: a.example}"))).isEmpty();
        assertThat(InterimHosts.between(both, List.of())).isEmpty();
        assertThat(InterimHosts.between(
                        both, hosts("{host: a.example, tls: Passthrough}, {host: b.example, timeouts: {idle: 5s}}")))
                .isEmpty();
    }

    @Test
    void leavesOutWhatIsAddedAndWhatIsRemoved() {
        assertThat(InterimHosts.between(
                        hosts("{host: a.example}, {host: b.example}"), hosts("{host: b.example}, {host: c.example}")))
                .contains(hosts("{host: b.example}"));
    }

    @Test
    void keepsThePortsThatBothAllow() {
        assertThat(InterimHosts.between(
                        hosts("{host: a.example, ports: [443, 8443]}"), hosts("{host: a.example, ports: [443, 9443]}")))
                .contains(hosts("{host: a.example}"));
    }

    @Test
    void deniesWhatAWildcardWouldLetIn() {
        List<HostEntry> interim = InterimHosts.between(
                        hosts("{host: \"*.example\"}"),
                        hosts("{host: \"*.example\"}, {host: a.example, action: Deny}, {host: new.other}"))
                .orElseThrow();
        assertThat(decide(interim, "a.example", 443)).contains(Reason.HOST_DENIED);
        assertThat(decide(interim, "b.example", 443)).isEmpty();
    }

    @Test
    @DisplayName("between any two policies the proxy allows exactly what both allow")
    void allowsExactlyWhatBothAllow() {
        Random random = new Random(421);
        int additions = 0;
        for (int round = 0; round < 2_000; round++) {
            List<HostEntry> held = randomHosts(random);
            List<HostEntry> next = randomHosts(random);
            Optional<List<HostEntry>> interim = InterimHosts.between(held, next);
            boolean added = false;
            for (String name : NAMES) {
                for (int port : PORTS) {
                    boolean before = decide(held, name, port).isEmpty();
                    boolean after = decide(next, name, port).isEmpty();
                    added |= after && !before;
                    assertThat(decide(interim.orElse(next), name, port).isEmpty())
                            .as("%s:%d from %s to %s by %s", name, port, held, next, interim)
                            .isEqualTo(interim.isPresent() ? before && after : after);
                }
            }
            assertThat(added && interim.isEmpty()).isFalse();
            additions += added ? 1 : 0;
        }
        assertThat(additions).isGreaterThan(100);
    }

    private static List<HostEntry> randomHosts(Random random) {
        List<String> entries = new ArrayList<>();
        for (String pattern : PATTERNS) {
            int kind = random.nextInt(4);
            if (kind == 0) {
                entries.add("{host: \"" + pattern + "\", action: Deny}");
            } else if (kind == 1) {
                List<Integer> ports =
                        PORTS.stream().filter(port -> random.nextBoolean()).toList();
                String list = ports.isEmpty() ? "[443]" : ports.toString();
                entries.add("{host: \"" + pattern + "\", ports: " + list + "}");
            }
        }
        return hosts(String.join(", ", entries));
    }

    /** Empty: allowed. */
    private static Optional<Reason> decide(List<HostEntry> hosts, String host, int port) {
        EgressPolicy policy = new EgressPolicy(
                P, Access.Restricted, Capture.Redirect, List.of(), List.of(), hosts, List.of(), Duration.ofHours(24));
        return Decisions.decide(policy, host, port).reason();
    }

    private static List<HostEntry> hosts(String entries) {
        PolicyDocument document =
                PolicyParser.parse("p.yaml", """
                apiVersion: sallyport.dev/v1alpha1
                kind: EgressPolicy
                metadata: {name: p, namespace: agents}
                spec: {hosts: [%s]}
                """.formatted(entries)).policies().get(0);
        return document.policy()
                .orElseThrow(() -> new AssertionError(document.problems().toString()))
                .hosts();
    }
}
