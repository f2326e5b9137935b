package dev.sallyport.identity;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a token says, after its signature, issuer, audience and times were verified.
 *
 * @param expires when it does
 * @param all every claim by name, as JSON values (maps, lists, strings, numbers, booleans)
 */
public record TokenClaims(Instant expires, Map<String, Object> all) {
    /** A claim that is a string. */
    public Optional<String> text(String name) {
        return text(all, name);
    }

    /** A string inside of a claim that is an object. */
    public Optional<String> text(String object, String name) {
        return all.get(object) instanceof Map<?, ?> map ? text(map, name) : Optional.empty();
    }

    private static Optional<String> text(Map<?, ?> map, String name) {
        return map.get(name) instanceof String value && !value.isEmpty() ? Optional.of(value) : Optional.empty();
    }
}
