package dev.sallyport.identity;

import java.security.PublicKey;

/** The public keys that tokens are signed with: of this process, or of an API server. Thread-safe. */
@FunctionalInterface
public interface KeySource {
    /** Looks up the key that a token names in its {@code kid}. */
    Lookup find(String keyId);

    /** What is known of a key. */
    sealed interface Lookup {}

    /** The key. Only algorithms of its type are accepted with it. */
    record Found(PublicKey key) implements Lookup {}

    /** There is no such key. */
    record Unknown() implements Lookup {}

    /** The keys cannot be read at this time; {@code reason} is for people. */
    record Unavailable(String reason) implements Lookup {}
}
