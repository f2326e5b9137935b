package dev.sallyport.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class StandaloneTokensTest {
    private static final PolicyId A = new PolicyId("agents", "a");
    private static final PolicyId B = new PolicyId("agents", "b");
    private static final Duration HOUR = Duration.ofHours(1);

    private final TestClock clock = TestClock.at("2026-11-21T12:00:00Z");
    private final StandaloneTokens tokens = new StandaloneTokens(seed(1), clock);

    @Test
    @DisplayName("ID-08 a token proves the workload that it was minted for, and nothing that anybody else claims")
    void aTokenProvesItsWorkload() {
        assertThat(tokens.verifier().verify(tokens.mint(A, "run-1", HOUR))).isEqualTo(accepted(A, "run-1"));
        assertThat(tokens.verifier().verify(tokens.mint(B, "run-2", HOUR))).isEqualTo(accepted(B, "run-2"));
    }

    @Test
    void aRestartAcceptsWhatWasMintedBefore() {
        String token = tokens.mint(A, "run-1", HOUR);

        assertThat(new StandaloneTokens(seed(1), clock).verifier().verify(token))
                .isEqualTo(accepted(A, "run-1"));
    }

    @Test
    void anotherSeedsTokensAreRefused() {
        Authentication answer = tokens.verifier().verify(new StandaloneTokens(seed(2), clock).mint(A, "run-1", HOUR));

        assertThat(answer).isInstanceOfSatisfying(Authentication.Refused.class, refused -> {
            assertThat(refused.kind()).isEqualTo(Authentication.Kind.UNAUTHENTICATED);
            assertThat(refused.code()).isEqualTo("key_unknown");
        });
    }

    @Test
    @DisplayName("ID-04 a token is refused from the moment it expires")
    void aTokenExpires() {
        String token = tokens.mint(A, "run-1", HOUR);

        clock.advance(HOUR.minusSeconds(1));
        assertThat(tokens.verifier().verify(token)).isInstanceOf(Authentication.Accepted.class);
        clock.advance(Duration.ofSeconds(1));
        assertThat(tokens.verifier().verify(token))
                .isInstanceOfSatisfying(
                        Authentication.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo("expired"));
    }

    @Test
    void saysWhoMayReadItAndForHowLong() throws Exception {
        SignedJWT token = SignedJWT.parse(tokens.mint(A, "run-1", HOUR));

        assertThat(token.getHeader().getAlgorithm().getName()).isEqualTo("ES256");
        assertThat(token.getJWTClaimsSet().getClaims())
                .containsOnlyKeys("iss", "aud", "sub", "iat", "nbf", "exp", "jti", "sallyport.dev")
                .containsEntry("aud", List.of("sallyport"))
                .containsEntry("sub", "run-1")
                .containsEntry("sallyport.dev", Map.of("namespace", "agents", "workload", "a"));
        assertThat(SignedJWT.parse(tokens.mint(A, "run-1", HOUR))
                        .getJWTClaimsSet()
                        .getJWTID())
                .isNotEqualTo(token.getJWTClaimsSet().getJWTID());
    }

    @Test
    void refusesToMintWhatCouldNotBeUsed() {
        for (Duration ttl : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(2))) {
            assertThatThrownBy(() -> tokens.mint(A, "run-1", ttl)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> tokens.mint(A, "", HOUR)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Authentication accepted(PolicyId workload, String sidecar) {
        return new Authentication.Accepted(
                new WorkloadIdentity(workload, sidecar, Instant.parse("2026-11-21T13:00:00Z")));
    }

    private static RootSeed seed(int number) {
        byte[] bytes = new byte[RootSeed.LENGTH];
        bytes[0] = (byte) number;
        return RootSeed.of(bytes);
    }
}
