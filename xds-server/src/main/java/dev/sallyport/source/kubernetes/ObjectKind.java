package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.credential.SecretHosts;
import dev.sallyport.credential.StoredSecret;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.source.SourceState;
import dev.sallyport.source.StoredConfigMap;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How objects that policies refer to are read and put into a state.
 *
 * @param <V> of one key
 * @param <O> of one object
 */
interface ObjectKind<V, O> {
    ObjectKind<SecretKind.Key, StoredSecret> SECRETS = new SecretKind();
    ObjectKind<String, StoredConfigMap> CONFIG_MAPS = new ConfigMapKind();

    String resource();

    /** One key of an object; empty: it does not have it. */
    Optional<V> key(JsonNode object, String key);

    O of(SortedMap<String, V> keys);

    O broken(String reason);

    SourceState with(SourceState state, ObjectName name, O object);

    SourceState without(SourceState state, ObjectName name);

    /** Secrets. No exception or reason of it holds a value. */
    final class SecretKind implements ObjectKind<SecretKind.Key, StoredSecret> {
        /** One key of a Secret, and to which hosts its owner lets it go. */
        record Key(CredentialLookup lookup, SecretHosts hosts) {}

        @Override
        public String resource() {
            return "secrets";
        }

        @Override
        public Optional<Key> key(JsonNode object, String key) {
            return ObjectKind.text(object.path("data").path(key)).map(text -> new Key(decoded(text), hosts(object)));
        }

        private static SecretHosts hosts(JsonNode object) {
            JsonNode annotation = object.path("metadata").path("annotations").path(SecretHosts.ANNOTATION);
            return annotation.isMissingNode() ? SecretHosts.ANY : SecretHosts.parse(annotation.asText());
        }

        private static CredentialLookup decoded(String base64) {
            try {
                return new CredentialLookup.Found(
                        CredentialValue.of(Base64.getDecoder().decode(base64)));
            } catch (IllegalArgumentException e) {
                return new CredentialLookup.Missing("the value is not base64");
            }
        }

        @Override
        public StoredSecret of(SortedMap<String, Key> keys) {
            SortedMap<String, CredentialLookup> lookups = new TreeMap<>();
            keys.forEach((name, key) -> lookups.put(name, key.lookup()));
            // All are of the same object; without a key there is nothing to restrict.
            SecretHosts hosts =
                    keys.values().stream().findFirst().map(Key::hosts).orElse(SecretHosts.ANY);
            return StoredSecret.of(lookups, hosts);
        }

        @Override
        public StoredSecret broken(String reason) {
            return StoredSecret.broken(reason);
        }

        @Override
        public SourceState with(SourceState state, ObjectName name, StoredSecret object) {
            return state.withSecret(name, object);
        }

        @Override
        public SourceState without(SourceState state, ObjectName name) {
            return state.withoutSecret(name);
        }
    }

    /** ConfigMaps. A binary key counts when it is UTF-8 text. */
    final class ConfigMapKind implements ObjectKind<String, StoredConfigMap> {
        @Override
        public String resource() {
            return "configmaps";
        }

        @Override
        public Optional<String> key(JsonNode object, String key) {
            return ObjectKind.text(object.path("data").path(key))
                    .or(() ->
                            ObjectKind.text(object.path("binaryData").path(key)).flatMap(ConfigMapKind::decoded));
        }

        private static Optional<String> decoded(String base64) {
            try {
                return Optional.of(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(Base64.getDecoder().decode(base64)))
                        .toString());
            } catch (IllegalArgumentException | CharacterCodingException e) {
                return Optional.empty();
            }
        }

        @Override
        public StoredConfigMap of(SortedMap<String, String> keys) {
            return StoredConfigMap.of(keys);
        }

        @Override
        public StoredConfigMap broken(String reason) {
            return StoredConfigMap.broken(reason);
        }

        @Override
        public SourceState with(SourceState state, ObjectName name, StoredConfigMap object) {
            return state.withConfigMap(name, object);
        }

        @Override
        public SourceState without(SourceState state, ObjectName name) {
            return state.withoutConfigMap(name);
        }
    }

    static Optional<String> text(JsonNode node) {
        return node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
    }
}
