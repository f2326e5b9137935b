package dev.sallyport.identity;

/** Verifies bearer tokens. Thread-safe; may block for the time of one call to the API server at most. */
@FunctionalInterface
public interface TokenVerifier {
    /** Verifies a token, without the word {@code Bearer}. Never throws for what the token holds. */
    Authentication verify(String token);
}
