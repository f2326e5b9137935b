package dev.sallyport.envoy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialLookup.Found;
import dev.sallyport.credential.CredentialLookup.Missing;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.envoy.RenderedCredential.Unusable;
import dev.sallyport.envoy.RenderedCredential.Usable;
import dev.sallyport.policy.CredentialSpec;
import dev.sallyport.policy.SecretKey;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final String NAME = ResourceNames.credential("api.example.com", "x-api-key");

    @ParameterizedTest
    @DisplayName("SEC-01 one line end after the value is dropped")
    @ValueSource(strings = {"sk-1", "sk-1\n", "sk-1\r\n"})
    void dropsOneLineEnd(String value) {
        assertThat(sent("{value}", value)).isEqualTo("sk-1");
    }

    @ParameterizedTest
    @DisplayName("SEC-02 a control character makes the credential unusable, and the reason does not hold the value")
    @ValueSource(
            strings = {
                "sk-1\n\n",
                "sk-1\r",
                "sk\n1",
                "sk\r1",
                "sk\0001",
                "sk\t1",
                "sk-1\u007f",
                "\nsk-1",
                "sk-1\r\n\r\n"
            })
    void refusesControlCharacters(String value) {
        assertThat(refused("{value}", value)).isEqualTo("key token of Secret api holds a control character");
    }

    @ParameterizedTest
    @DisplayName("SEC-03 an empty value is unusable")
    @ValueSource(strings = {"", "\n", "\r\n"})
    void refusesEmptyValues(String value) {
        assertThat(refused("Bearer {value}", value)).isEqualTo("key token of Secret api is empty");
    }

    @Test
    @DisplayName("SEC-04 a rendered value of 16,384 bytes works, one of 16,385 does not")
    void boundsTheRenderedValue() {
        assertThat(sent("Bearer {value}", "s".repeat(16_377))).hasSize(16_384);
        assertThat(refused("Bearer {value}", "s".repeat(16_378))).contains("more than 16384 bytes");
        assertThat(sent("{value}{value}", "é".repeat(4_096)).getBytes(UTF_8)).hasSize(16_384);
        assertThat(refused("{value}{value} ", "é".repeat(4_096))).contains("more than 16384 bytes");
    }

    @Test
    @DisplayName("HDR-03 every {value} of the format is filled")
    void fillsEveryPlace() {
        assertThat(sent("Bearer {value}", "k")).isEqualTo("Bearer k");
        assertThat(sent("a-{value}-b-{value}", "k")).isEqualTo("a-k-b-k");
        assertThat(sent("{value}{value}", "{value}")).isEqualTo("{value}{value}");
    }

    @Test
    @DisplayName("SEC-05 a missing Secret makes the credential unusable, for the store's own reason")
    void passesOnWhyThereIsNone() {
        assertThat(Secrets.credential(NAME, spec("{value}"), new Missing("Secret agents/api does not exist")))
                .isEqualTo(new Unusable("Secret agents/api does not exist"));
    }

    @Test
    void sendsBytesThatAreNoText() {
        CredentialValue value = CredentialValue.of(new byte[] {(byte) 0xff, (byte) 0x80});

        RenderedCredential rendered = Secrets.credential(NAME, spec("{value}"), new Found(value));

        assertThat(((Usable) rendered)
                        .secret()
                        .getGenericSecret()
                        .getSecret()
                        .getInlineBytes()
                        .toByteArray())
                .containsExactly(0xff, 0x80);
    }

    @Test
    void takesPublicConstantsFromThePolicy() {
        CredentialSpec spec = new CredentialSpec("x-team", "team {value}", Optional.of("blue"), Optional.empty());

        assertThat(value(Secrets.credential(NAME, spec, new Missing("not asked"))))
                .isEqualTo("team blue");
    }

    @Test
    void isASecretOfItsOwnName() {
        assertThat(((Usable) render("{value}", "k")).secret().getName()).isEqualTo(NAME);
        assertThat(Secrets.tombstone(NAME).getName()).isEqualTo(NAME);
        assertThat(Secrets.tombstone(NAME).getGenericSecret().getSecret().getInlineBytes())
                .isEmpty();
    }

    @Test
    void neverPrintsAValue() {
        assertThat(render("{value}", "sk-canary").toString()).doesNotContain("sk-canary");
        assertThat(render("{value}", "sk-canary\0").toString()).doesNotContain("sk-canary");
    }

    private static String sent(String format, String value) {
        return value(render(format, value));
    }

    private static String refused(String format, String value) {
        return ((Unusable) render(format, value)).reason();
    }

    private static String value(RenderedCredential credential) {
        return ((Usable) credential)
                .secret()
                .getGenericSecret()
                .getSecret()
                .getInlineBytes()
                .toStringUtf8();
    }

    private static RenderedCredential render(String format, String value) {
        CredentialLookup found = new Found(CredentialValue.ofText(value));
        return Secrets.credential(NAME, spec(format), found);
    }

    private static CredentialSpec spec(String format) {
        return new CredentialSpec("x-api-key", format, Optional.empty(), Optional.of(new SecretKey("api", "token")));
    }
}
