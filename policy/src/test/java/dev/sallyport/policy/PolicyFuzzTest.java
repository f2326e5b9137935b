package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Mutated policies: whatever is written, there is an answer and no exception, and what is accepted keeps the rules. */
class PolicyFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final String[] SNIPPETS = {
        "*",
        "*.",
        ".",
        ":",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "\n",
        "\n  ",
        "\t",
        "&a",
        "*a",
        "!!str ",
        "|",
        ">",
        "#",
        "%",
        "null",
        "-1",
        "0x1",
        "1e9",
        "\u0000",
        "é",
        "\uD83D\uDE00",
        "\uD800",
        "---\n",
        "...\n",
        "host: ",
        "Deny",
        "Passthrough",
        "169.254.169.254",
        "{value}",
        "hosts:",
        "\\u0000",
        "\\"
    };
    private static final String SEED = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: p, namespace: agents}
            spec:
              access: Restricted
              capture: Redirect
              serviceAccounts: [coding-agent]
              keepCapabilities: [SETUID]
              hosts:
              - host: api.example.com
                ports: [443, 8443]
                resolveTo: ["10.20.0.7:8443", "::1"]
                trustedCa: {configMapKeyRef: {name: corp-roots, key: ca.pem}}
                credentials:
                - header: x-api-key
                  format: "Bearer {value}"
                  valueFrom: {secretKeyRef: {name: api, key: token}}
                - {header: version, value: "1"}
                timeouts: {request: 0s, idle: 1h}
              - {host: "*.pypi.org"}
              - {host: bad.pypi.org, action: Deny}
              - {host: pin.example.com, tls: Passthrough, addresses: Any}
              expose: [{name: http, port: 8080}]
              certificates: {leafTtl: 24h}
            """;

    @Test
    void neverThrowsAndNeverAcceptsWhatBreaksARule() {
        Random random = new Random(20260101);
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String text = mutated(random);
            ParsedFile file = PolicyParser.parse("f.yaml", text);
            Compilation compiled = PolicyCompiler.compile(new PolicyDocuments(file.policies(), file.problems()));
            assertThat(compiled.problems()).allSatisfy(PolicyFuzzTest::isOneLine);
            for (PolicyDocument document : file.policies()) {
                boolean errors = !Problems.errors(document.problems()).isEmpty();
                assertThat(document.policy().isEmpty()).as(text).isEqualTo(errors);
                document.policy().ifPresent(PolicyFuzzTest::keepsTheRules);
                accepted += document.policy().isPresent() ? 1 : 0;
            }
        }
        assertThat(accepted).isBetween(ROUNDS / 50, ROUNDS);
    }

    private static String mutated(Random random) {
        StringBuilder text = new StringBuilder(SEED);
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(5)) {
                case 0 -> text.insert(at, SNIPPETS[random.nextInt(SNIPPETS.length)]);
                case 1 -> text.deleteCharAt(at);
                case 2 -> text.setCharAt(at, (char) (32 + random.nextInt(95)));
                case 3 -> text.delete(at, Math.min(text.length(), at + random.nextInt(40)));
                default -> swapLines(text, random);
            }
        }
        return text.toString();
    }

    private static void swapLines(StringBuilder text, Random random) {
        List<String> lines = new ArrayList<>(text.toString().lines().toList());
        String moved = lines.remove(random.nextInt(lines.size()));
        lines.add(random.nextInt(lines.size() + 1), moved);
        text.setLength(0);
        text.append(String.join("\n", lines));
    }

    private static void isOneLine(PolicyProblem problem) {
        assertThat(problem.toString()).doesNotContainPattern("\\p{Cntrl}").hasSizeLessThan(2_000);
        assertThat(problem.line()).isPositive();
    }

    private static void keepsTheRules(EgressPolicy policy) {
        for (HostEntry entry : policy.hosts()) {
            assertThat(Hosts.normalise(entry.host().text())).isEqualTo(new Hosts.Normalised.Accepted(entry.host()));
            assertThat(entry.tls() == TlsMode.Intercept && !entry.host().isExact())
                    .isFalse();
            assertThat(entry.credentials().isEmpty() || entry.tls() == TlsMode.Intercept)
                    .isTrue();
            assertThat(entry.ports())
                    .isSorted()
                    .allSatisfy(port -> assertThat(port).isBetween(1, 65_535));
            assertThat(entry.ports().isEmpty()).isEqualTo(entry.action() == Action.Deny);
            assertThat(entry.credentials())
                    .allSatisfy(c -> assertThat(c.literal().isPresent())
                            .isNotEqualTo(c.secret().isPresent()));
            decidesByItsOwnEntry(policy, entry);
        }
        for (String literal : List.of("169.254.169.254", "[::1]", "127.1")) {
            assertThat(policy.access() == Access.Unrestricted
                            || !Decisions.decide(policy, literal, 443).allowed())
                    .isTrue();
        }
    }

    private static void decidesByItsOwnEntry(EgressPolicy policy, HostEntry entry) {
        if (entry.host().isExact()) {
            for (int port : new int[] {1, 443, 8443}) {
                Decision decision = Decisions.decide(policy, entry.host().text(), port);
                assertThat(decision.entry()).contains(entry);
                assertThat(decision.allowed()).isEqualTo(entry.allows(port));
            }
        }
    }
}
