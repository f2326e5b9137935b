package dev.sallyport.identity;

import java.io.IOException;

/** Where an API server says who it is and which keys it signs tokens with (OpenID Connect Discovery 1.0). Thread-safe. */
@FunctionalInterface
public interface IssuerDocuments {
    /**
     * Reads both now; blocks for the time of two calls at most.
     *
     * @throws IOException when they cannot be read; its message is for people
     */
    Issuer read() throws IOException;

    /**
     * What was read.
     *
     * @param name the {@code issuer} of the discovery document
     * @param jwks the key set, as JSON (RFC 7517)
     */
    record Issuer(String name, String jwks) {}
}
