package dev.sallyport.source;

import dev.sallyport.policy.ConfigMapKey;
import java.util.Optional;

/** All ConfigMaps at one moment. Implementations are immutable: a change is a new instance. */
public interface ConfigMaps {
    /** The text of one key of a ConfigMap in {@code namespace}; empty when there is none. */
    Optional<String> find(String namespace, ConfigMapKey key);

    /** No ConfigMaps at all. */
    static ConfigMaps empty() {
        return (namespace, key) -> Optional.empty();
    }
}
