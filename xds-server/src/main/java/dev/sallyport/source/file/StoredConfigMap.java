package dev.sallyport.source.file;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One ConfigMap as it was read. Immutable.
 *
 * @param broken why none of its keys can be used; empty: they can
 */
record StoredConfigMap(SortedMap<String, String> data, Optional<String> broken) {
    StoredConfigMap {
        data = Collections.unmodifiableSortedMap(new TreeMap<>(data));
    }

    static StoredConfigMap of(SortedMap<String, String> data) {
        return new StoredConfigMap(data, Optional.empty());
    }

    static StoredConfigMap broken(String reason) {
        return new StoredConfigMap(new TreeMap<>(), Optional.of(reason));
    }
}
