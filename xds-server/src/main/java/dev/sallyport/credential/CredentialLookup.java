package dev.sallyport.credential;

/** What a store says about one key of one Secret. */
public sealed interface CredentialLookup {
    /** The value as it stands in the Secret, bytes unchanged. */
    record Found(CredentialValue value) implements CredentialLookup {}

    /** There is no value; {@code reason} is for people and never holds one. */
    record Missing(String reason) implements CredentialLookup {}
}
