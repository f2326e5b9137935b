package dev.sallyport.identity;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;

/**
 * Verifies a token by asking the API server, for where its keys cannot be read. What the token claims is taken from the token itself, once the API server has said that it is genuine: a review does not tell when a token ends.
 * Thread-safe.
 */
final class ReviewedTokenVerifier implements TokenVerifier {
    private final TokenReviews reviews;
    private final ClaimsResolver resolver;
    private final Clock clock;

    ReviewedTokenVerifier(TokenReviews reviews, ClaimsResolver resolver, Clock clock) {
        this.reviews = reviews;
        this.resolver = resolver;
        this.clock = clock;
    }

    @Override
    public Authentication verify(String token) {
        JWTClaimsSet claims;
        try {
            claims = SignedJWT.parse(token).getJWTClaimsSet();
        } catch (ParseException | IllegalArgumentException e) {
            // The exception's text may quote the token.
            return refused("token_malformed", "not a signed JSON Web Token");
        }
        Date expires = claims.getExpirationTime();
        if (expires == null || !clock.instant().isBefore(expires.toInstant())) {
            return refused(
                    expires == null ? "expiry_missing" : "expired",
                    "exp: " + (expires == null ? null : expires.toInstant()));
        }
        return reviewed(token, claims, expires.toInstant());
    }

    private Authentication reviewed(String token, JWTClaimsSet claims, Instant expires) {
        TokenReviews.Review review;
        try {
            review = reviews.review(token, JwtRules.AUDIENCE);
        } catch (IOException e) {
            return new Authentication.Refused(
                    Authentication.Kind.UNAVAILABLE,
                    "review_unavailable",
                    "the API server does not review tokens: " + e.getMessage());
        }
        if (!review.authenticated()) {
            return refused("review_refused", "the API server says that it is not good");
        }
        if (!review.audiences().contains(JwtRules.AUDIENCE)) {
            return refused("audience", "aud: " + review.audiences() + " (expected: " + JwtRules.AUDIENCE + ")");
        }
        if (!review.username().equals(claims.getSubject())) {
            return refused("review_refused", "the API server knows it as another user's than it says");
        }
        return resolver.resolve(new TokenClaims(expires, claims.getClaims()));
    }

    private static Authentication refused(String code, String reason) {
        return new Authentication.Refused(Authentication.Kind.UNAUTHENTICATED, code, reason);
    }
}
