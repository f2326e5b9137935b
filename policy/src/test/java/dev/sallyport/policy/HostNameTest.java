package dev.sallyport.policy;

import static dev.sallyport.policy.Policies.acceptedHost;
import static dev.sallyport.policy.Policies.hostErrors;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNameTest {
    private static String normal(String host) {
        return acceptedHost("host: \"" + host + "\"").host().text();
    }

    private static String refusal(String host) {
        assertThat(hostErrors("host: \"" + host + "\""))
                .hasSize(1)
                .first()
                .asString()
                .startsWith("spec.hosts[0].host: found ");
        return hostErrors("host: \"" + host + "\"").get(0);
    }

    @ParameterizedTest
    @CsvSource({
        "API.Example.COM, api.example.com",
        "'  api.example.com  ', api.example.com",
        "'\\tapi.example.com\\n', api.example.com",
        "api.example.com., api.example.com",
        "*.Example.COM., *.example.com",
        "*, *",
        "xn--bcher-kva.example, xn--bcher-kva.example",
        "localhost, localhost",
        "3com.com, 3com.com",
        "1.2.3.4.example, 1.2.3.4.example",
        "a--b.example.com, a--b.example.com"
    })
    @DisplayName("HOST-01, HOST-02, HOST-03, HOST-04 host names are normalised")
    void normalisesHostNames(String written, String normal) {
        assertThat(normal(written)).isEqualTo(normal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"api.example.com..", "a..example.com", ".example.com", ".", "..", "*..example.com"})
    @DisplayName("HOST-03, HOST-08 empty labels are errors")
    void refusesEmptyLabels(String host) {
        assertThat(refusal(host)).contains("expected a name without empty labels");
    }

    @Test
    @DisplayName("HOST-04 a name that is not ASCII is an error that offers its A-label")
    void offersTheALabel() {
        assertThat(refusal("bücher.example")).contains("\"bücher.example\"").contains("xn--bcher-kva.example");
        assertThat(refusal("*.bücher.example")).contains("*.xn--bcher-kva.example");
        assertThat(refusal("api.example.com\\u3002")).contains("expected ASCII");
        assertThat(refusal("\\u212Aapi.example.com")).contains("expected ASCII");
        assertThat(refusal("a\\u00A0")).contains("expected ASCII").doesNotContain("may be");
    }

    @ParameterizedTest
    @ValueSource(strings = {"api.example.com:443", "api.example.com:", "*.example.com:8443"})
    @DisplayName("HOST-05 a port in host is an error")
    void refusesPorts(String host) {
        assertThat(refusal(host)).contains("ports belong in the field ports");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1",
                "10.0.0.1.",
                "::1",
                "[2001:db8::1]",
                "[::1]:443",
                "::ffff:10.0.0.1",
                "127.1",
                "2130706433",
                "0x7f.1",
                "0x7f000001",
                "1.2.3.4.5",
                "010.0.0.1",
                "300.1.1.1"
            })
    @DisplayName("HOST-06 an IP literal is an error")
    void refusesIpLiterals(String host) {
        assertThat(refusal(host)).contains("IP literal");
    }

    @Test
    @DisplayName("HOST-07 names have at most 253 characters, labels 63")
    void boundsLengths() {
        String label = "a".repeat(63);
        String longest = String.join(".", label, label, label, "b".repeat(61));
        assertThat(longest).hasSize(253);
        assertThat(normal(longest)).isEqualTo(longest);
        assertThat(normal(longest + ".")).isEqualTo(longest);
        assertThat(refusal(longest + "b")).contains("at most 253 characters, and this has 254");
        assertThat(refusal("a".repeat(64) + ".com")).contains("labels of at most 63 characters, and one has 64");
        assertThat(refusal(" ".repeat(100_000) + "x")).contains("at most 253");
    }

    @ParameterizedTest
    @CsvSource({
        "bad_host.example.com, bad_host",
        "-a.example.com, -a",
        "a-.example.com, a-",
        "a b.example.com, a b",
        "*.a-.com, a-",
        "a\\u0007.com, a\\u0007",
        "a%2e.com, a%2e"
    })
    @DisplayName("HOST-08 a label that is none is an error that names it")
    void namesTheBadLabel(String host, String label) {
        assertThat(refusal(host)).contains("which \"" + label + "\" is not");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://api.example.com", "api.example.com/v1", "user@api.example.com"})
    void refusesUrls(String host) {
        assertThat(refusal(host)).contains("a host name alone");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*w.example.com",
                "a.*.com",
                "a*.example.com",
                "**",
                "*.",
                "*.*",
                "*.*.com",
                "*.*.example.com",
                "*example.com"
            })
    @DisplayName("WILD-09 partial wildcards are errors")
    void refusesPartialWildcards(String host) {
        assertThat(refusal(host)).isNotEmpty();
    }

    @Test
    void refusesWhatIsNoName() {
        assertThat(refusal("")).contains("expected a host name");
        assertThat(refusal("  ")).contains("expected a host name");
        assertThat(hostErrors("host: 443"))
                .containsExactly("spec.hosts[0].host: found 443, expected a string (put it in quotes)");
        assertThat(hostErrors("host: [a]")).containsExactly("spec.hosts[0].host: found a list, expected a string");
        assertThat(hostErrors("host: ")).containsExactly("spec.hosts[0].host: found nothing (null), expected a string");
    }
}
