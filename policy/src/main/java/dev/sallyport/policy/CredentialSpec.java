package dev.sallyport.policy;

import java.util.Optional;

/**
 * A header that the sidecar puts on every request to one host. Exactly one of {@code literal} and {@code secret} is present.
 *
 * @param header the header's name, lower-case
 * @param format the value with {@code {value}} where the secret goes; {@code "{value}"} by default
 * @param literal a public constant
 * @param secret where the value is read from
 */
public record CredentialSpec(String header, String format, Optional<String> literal, Optional<SecretKey> secret) {}
