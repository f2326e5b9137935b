package dev.sallyport.identity;

import org.jspecify.annotations.Nullable;

/** Verifies bearer tokens. Thread-safe; may block for the time of one call to the API server at most. */
@FunctionalInterface
public interface TokenVerifier {
    /** How the header begins. */
    String BEARER = "Bearer ";

    /** Verifies a token, without the word {@code Bearer}. Never throws for what the token holds. */
    Authentication verify(String token);

    /** Verifies the token of an {@code authorization} header, {@code Bearer TOKEN} (RFC 6750); {@code null} where there is no such header. */
    default Authentication verifyHeader(@Nullable String authorization) {
        if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return verify(authorization.substring(BEARER.length()).strip());
        }
        return new Authentication.Refused(
                Authentication.Kind.UNAUTHENTICATED, "token_missing", "there is no Bearer token");
    }
}
