package dev.sallyport.policy;

import static dev.sallyport.policy.Policies.withHost;
import static dev.sallyport.policy.Policies.withSpec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExplanationTest {
    private static final String P = withSpec(
            "hosts:",
            "- host: api.example.com",
            "  ports: [443, 8443]",
            "- host: b.example.com",
            "- host: \"*.wild.example.com\"",
            "- {host: bad.wild.example.com, action: Deny}");

    private static Explanation explain(String yaml, String url) {
        PolicyDocuments documents =
                new PolicyDocuments(PolicyParser.parse("p.yaml", yaml).policies(), List.of());
        PolicySet policies = PolicyCompiler.compile(documents).policies();
        return Explanation.of(documents, policies, new PolicyId("agents", "p"), Destination.parse(url));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://api.example.com/v1 | allowed | p.yaml:6 | the most specific entry, api.example.com, allows port 443",
                "https://API.example.com.:8443/ | allowed | p.yaml:6 | the most specific entry, api.example.com, allows port 8443",
                "http://api.example.com:8443/ | allowed | p.yaml:6 | the most specific entry, api.example.com, allows port 8443",
                "https://api.example.com:80/ | port_not_allowed | p.yaml:6 | the most specific entry, api.example.com, allows ports 443, 8443 and not 80",
                "https://b.example.com:8443/ | port_not_allowed | p.yaml:8 | the most specific entry, b.example.com, allows port 443 and not 8443",
                "https://other.example/ | host_not_allowed | p.yaml:1 | no entry of the policy matches this host",
                "https://a.b.wild.example.com/ | allowed | p.yaml:9 | the most specific entry, *.wild.example.com, allows port 443",
                "https://bad.wild.example.com:9999/ | host_denied | p.yaml:10 | the most specific entry, bad.wild.example.com, denies the host on every port",
                "https://203.0.113.10/ | host_not_allowed | p.yaml:1 | an IP address is not a host name, and no entry matches it"
            })
    @DisplayName("DEC-12 explain gives verdict, reason and the deciding entry")
    void namesTheDecidingEntry(String url, String verdict, String place, String because) {
        Explanation explanation = explain(P, url);
        assertThat(explanation.decision().reason().map(Reason::code).orElse("allowed"))
                .isEqualTo(verdict);
        assertThat(explanation.place()).isEqualTo(place);
        assertThat(explanation.because()).isEqualTo(because);
    }

    @Test
    @DisplayName("DEC-07 a policy that is not accepted denies everything, and says why")
    void aRejectedPolicyDeniesEverything() {
        Explanation explanation = explain(withHost("host: api.example.com, port: 1"), "https://api.example.com/");
        assertThat(explanation.decision().reason()).contains(Reason.HOST_NOT_ALLOWED);
        assertThat(explanation.because()).contains("not accepted");
        assertThat(explanation.problems()).hasSize(1);
    }

    @Test
    void explainsAccess() {
        assertThat(explain(withSpec("access: None"), "https://a.example/").because())
                .contains("access: None");
        assertThat(explain(withSpec("access: Unrestricted"), "https://a.example/")
                        .decision()
                        .allowed())
                .isTrue();
        assertThat(explain(withSpec("access: Unrestricted"), "http://169.254.169.254/")
                        .decision()
                        .reason())
                .contains(Reason.ADDRESS_NOT_PUBLIC);
    }

    @Test
    void refusesAWorkloadThatNoDocumentIsFor() {
        assertThatThrownBy(() -> explain(P.replace("agents", "others"), "https://a.example/"))
                .hasMessage("no policy for workload agents/p");
    }

    @ParameterizedTest
    @CsvSource({
        "https://h.example/, h.example, 443, false",
        "HTTPS://H.example, H.example, 443, false",
        "http://h.example/a:1, h.example, 443, true",
        "http://h.example:80/, h.example, 443, true",
        "http://h.example:443/, h.example, 443, true",
        "http://h.example:8080?x, h.example, 8080, true",
        "https://h.example:80/, h.example, 80, false",
        "wss://h.example#f, h.example, 443, false",
        "ws://h.example:80, h.example, 443, true",
        "h.example, h.example, 443, false",
        "h.example:8443, h.example, 8443, false",
        "h.example:/x, h.example, 443, false",
        "https://api.example.com@evil.example/, evil.example, 443, false",
        "https://user:pass@h.example:8443/, h.example, 8443, false",
        "https://[2001:db8::1]:8443/, 2001:db8::1, 8443, false"
    })
    void findsTheDestinationOfAUrl(String url, String host, int port, boolean upgraded) {
        assertThat(Destination.parse(url)).isEqualTo(new Destination(host, port, upgraded));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "https://",
                "https:///x",
                "https://:443/",
                "ftp://h.example/",
                "https://h.example:0/",
                "https://h.example:65536/",
                "https://h.example:0443/",
                "https://h.example:x/",
                "https://h.example\\@evil/",
                "https://a b/",
                "https://[::1",
                "https://a@b@c/",
                "https://h.example:1:2/",
                "mailto://",
                "https://h.example/\u0007"
            })
    void refusesWhatIsNoUrl(String url) {
        assertThatThrownBy(() -> Destination.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }
}
