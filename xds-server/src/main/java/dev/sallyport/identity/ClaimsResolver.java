package dev.sallyport.identity;

/** Decides which workload a genuine token speaks for. Anything absent or unequal is a refusal. Thread-safe. */
@FunctionalInterface
public interface ClaimsResolver {
    Authentication resolve(TokenClaims claims);
}
