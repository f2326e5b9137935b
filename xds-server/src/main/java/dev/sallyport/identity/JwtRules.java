package dev.sallyport.identity;

import com.nimbusds.jose.JWSAlgorithm;
import java.time.Duration;
import java.util.Set;

/**
 * What is asked of a token.
 *
 * @param issuer the only accepted {@code iss}
 * @param audience must be among {@code aud}
 * @param algorithms accepted signatures; with public keys only: a verifier that takes HS256 lets anyone sign with the public key
 */
public record JwtRules(String issuer, String audience, Set<JWSAlgorithm> algorithms) {
    /** The audience of sidecars' tokens. */
    public static final String AUDIENCE = "sallyport";

    /** The longest token that is looked at, in characters. Kubernetes' are about 1,200. */
    public static final int MAX_LENGTH = 16_384;

    /** How far ahead of ours the issuer's clock may be. It is allowed for in {@code nbf} and {@code iat} only: an expired token is expired. */
    public static final Duration MAX_SKEW = Duration.ofSeconds(30);

    private static final Set<JWSAlgorithm> WITH_PUBLIC_KEY = Set.of(
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512,
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512);

    public JwtRules {
        algorithms = Set.copyOf(algorithms);
        if (algorithms.isEmpty() || !WITH_PUBLIC_KEY.containsAll(algorithms)) {
            throw new IllegalArgumentException(
                    "token algorithms: " + algorithms + " (expected: some of " + WITH_PUBLIC_KEY + ")");
        }
    }
}
