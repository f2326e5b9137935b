package dev.sallyport.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.SecretKey;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretHostsTest {
    private static final CredentialLookup VALUE = new CredentialLookup.Found(CredentialValue.ofText("sk-1"));

    private static CredentialLookup find(SecretHosts hosts, String host) {
        StoredSecret secret = StoredSecret.of(new TreeMap<>(Map.of("token", VALUE)), hosts);
        return StoredSecrets.NONE
                .with(new ObjectName("agents", "api"), secret)
                .find("agents", new SecretKey("api", "token"), host);
    }

    @Test
    @DisplayName("K8S-18 a value goes to the hosts of its Secret's annotation and to no other")
    void aValueGoesToTheHostsThatAreNamed() {
        SecretHosts hosts = SecretHosts.parse("a.example.com, B.example.com.");
        assertThat(hosts.problem()).isEmpty();
        assertThat(find(hosts, "a.example.com")).isEqualTo(VALUE);
        assertThat(find(hosts, "b.example.com")).isEqualTo(VALUE);
        for (String other :
                new String[] {"c.example.com", "x.a.example.com", "example.com", "a.example.com.evil.example"}) {
            assertThat(find(hosts, other))
                    .isEqualTo(new CredentialLookup.Missing("Secret agents/api must not go to " + other
                            + ": its annotation sallyport.dev/hosts allows only a.example.com, b.example.com"));
        }
        assertThat(find(SecretHosts.ANY, "c.example.com")).isEqualTo(VALUE);
    }

    @ParameterizedTest
    @DisplayName("K8S-18 what is malformed lets the value go nowhere")
    @ValueSource(
            strings = {
                "",
                " ",
                ",",
                "a.example.com,",
                "a.example.com,,b.example.com",
                "*",
                "*.example.com",
                "a.example.com:443",
                "https://a.example.com",
                "a.example.com b.example.com",
                "10.0.0.1",
                "[\"a.example.com\"]"
            })
    void whatIsMalformedLetsTheValueGoNowhere(String annotation) {
        SecretHosts hosts = SecretHosts.parse(annotation);
        assertThat(hosts.problem()).isPresent();
        assertThat(find(hosts, "a.example.com"))
                .isInstanceOfSatisfying(
                        CredentialLookup.Missing.class,
                        missing -> assertThat(missing.reason())
                                .startsWith(
                                        "Secret agents/api may go to no host, because its annotation sallyport.dev/hosts is malformed: found ")
                                .doesNotContain("sk-1"));
    }

    @Test
    void aHugeAnnotationIsMalformed() {
        assertThat(SecretHosts.parse("a.example.com,".repeat(100_000) + "b").problem())
                .isPresent();
    }

    @Test
    void theRestrictionOfAManifestHoldsForTheDirectorysPartOfTheSecretToo() {
        StoredSecret directory = StoredSecret.of(new TreeMap<>(Map.of("token", VALUE)));
        StoredSecret manifest = StoredSecret.of(new TreeMap<>(), SecretHosts.parse("a.example.com"));
        StoredSecrets both = StoredSecrets.of(Map.of("agents/api", manifest), Map.of("api", directory));
        assertThat(both.find("agents", new SecretKey("api", "token"), "a.example.com"))
                .isEqualTo(VALUE);
        assertThat(both.find("agents", new SecretKey("api", "token"), "b.example.com"))
                .isInstanceOf(CredentialLookup.Missing.class);
    }
}
