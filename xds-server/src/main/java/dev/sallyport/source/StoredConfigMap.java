package dev.sallyport.source;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One ConfigMap as a source read it. Immutable.
 *
 * @param broken why none of its keys can be used; empty: they can
 */
public record StoredConfigMap(SortedMap<String, String> data, Optional<String> broken) {
    public StoredConfigMap {
        data = Collections.unmodifiableSortedMap(new TreeMap<>(data));
    }

    /** A ConfigMap of these keys. */
    public static StoredConfigMap of(SortedMap<String, String> data) {
        return new StoredConfigMap(data, Optional.empty());
    }

    /** A ConfigMap that cannot be used at all. */
    public static StoredConfigMap broken(String reason) {
        return new StoredConfigMap(new TreeMap<>(), Optional.of(reason));
    }
}
