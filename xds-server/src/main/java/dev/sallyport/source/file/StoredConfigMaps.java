package dev.sallyport.source.file;

import dev.sallyport.policy.ConfigMapKey;
import dev.sallyport.source.ConfigMaps;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * ConfigMaps of manifests and of a directory at one moment. A key that both define is ambiguous and so is not there, as with Secrets.
 *
 * @param manifests by {@code NAMESPACE/NAME}
 * @param directory by {@code NAME}, for every namespace
 */
record StoredConfigMaps(Map<String, StoredConfigMap> manifests, Map<String, StoredConfigMap> directory)
        implements ConfigMaps {
    StoredConfigMaps {
        manifests = Map.copyOf(manifests);
        directory = Map.copyOf(directory);
    }

    @Override
    public Optional<String> find(String namespace, ConfigMapKey key) {
        List<StoredConfigMap> defined = Stream.of(
                        manifests.get(namespace + "/" + key.name()), directory.get(key.name()))
                .filter(Objects::nonNull)
                .toList();
        if (defined.stream().anyMatch(map -> map.broken().isPresent())) {
            return Optional.empty();
        }
        List<String> found = defined.stream()
                .flatMap(map -> Stream.ofNullable(map.data().get(key.key())))
                .toList();
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }
}
