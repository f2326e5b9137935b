package dev.sallyport.identity;

import com.nimbusds.jose.JWSAlgorithm;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies ServiceAccount tokens of an API server: by its keys, without asking it, and where those cannot be read by its TokenReview. Where neither can be had nobody is accepted, and told to come again. Thread-safe.
 */
public final class ServiceAccountTokens implements TokenVerifier {
    /** What API servers sign with: RSA keys, and P-256 to P-521. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private final IssuerKeys keys;
    private final ClaimsResolver resolver;
    private final TokenVerifier reviewed;
    private final Clock clock;

    public ServiceAccountTokens(IssuerKeys keys, TokenReviews reviews, ClaimsResolver resolver, Clock clock) {
        this.keys = keys;
        this.resolver = resolver;
        this.clock = clock;
        this.reviewed = new ReviewedTokenVerifier(reviews, resolver, clock);
    }

    @Override
    public Authentication verify(String token) {
        Optional<String> issuer = keys.issuer();
        if (issuer.isEmpty()) {
            return reviewed.verify(token);
        }
        JwtRules rules = new JwtRules(issuer.get(), JwtRules.AUDIENCE, ALGORITHMS);
        Authentication answer = new JwtTokenVerifier(rules, keys, resolver, clock).verify(token);
        boolean keysWentAway = answer instanceof Authentication.Refused refused
                && refused.kind() == Authentication.Kind.UNAVAILABLE
                && refused.code().equals(JwtTokenVerifier.KEYS_UNAVAILABLE);
        return keysWentAway ? reviewed.verify(token) : answer;
    }
}
