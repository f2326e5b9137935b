package dev.sallyport.identity;

/** The outcome of verifying one token. */
public sealed interface Authentication {
    /** The token proves this identity. */
    record Accepted(WorkloadIdentity identity) implements Authentication {}

    /**
     * It does not. {@code reason} goes to logs and metrics, and never holds the token.
     *
     * @param code a bounded label for metrics, such as {@code expired}
     */
    record Refused(Kind kind, String code, String reason) implements Authentication {}

    /** How gRPC should say no. */
    enum Kind {
        UNAUTHENTICATED,
        PERMISSION_DENIED,
        UNAVAILABLE
    }
}
