package dev.sallyport.identity;

import java.io.IOException;
import java.util.List;

/** The API server's own answer about a token (TokenReview v1 of authentication.k8s.io). Thread-safe. */
@FunctionalInterface
public interface TokenReviews {
    /**
     * Asks whether the token is good for that audience; blocks for the time of one call at most.
     *
     * @throws IOException when there is no answer; its message is for people and never holds the token
     */
    Review review(String token, String audience) throws IOException;

    /**
     * The answer.
     *
     * @param authenticated whether it is genuine, in time and not revoked
     * @param audiences those asked for that it is good for
     * @param username whom it speaks for; empty where it is not authenticated
     */
    record Review(boolean authenticated, List<String> audiences, String username) {
        public Review {
            audiences = List.copyOf(audiences);
        }
    }
}
