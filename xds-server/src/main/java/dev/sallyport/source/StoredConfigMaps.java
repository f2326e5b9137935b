package dev.sallyport.source;

import dev.sallyport.policy.ConfigMapKey;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PersistentMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** All ConfigMaps at one moment, those that have a namespace and those that serve every one. A key that both define is ambiguous and so is not there, as with Secrets. Immutable: a change is a new instance, and shares what did not change. */
public record StoredConfigMaps(PersistentMap<ObjectName, StoredConfigMap> objects) {
    public static final StoredConfigMaps NONE = new StoredConfigMaps(PersistentMap.empty());

    /**
     * ConfigMaps of both origins.
     *
     * @param manifests by {@code NAMESPACE/NAME}
     * @param directory by {@code NAME}, for every namespace
     */
    public static StoredConfigMaps of(Map<String, StoredConfigMap> manifests, Map<String, StoredConfigMap> directory) {
        Map<ObjectName, StoredConfigMap> objects = new HashMap<>();
        manifests.forEach((id, map) -> objects.put(ObjectName.parse(id), map));
        directory.forEach((name, map) -> objects.put(ObjectName.shared(name), map));
        return new StoredConfigMaps(PersistentMap.of(objects));
    }

    /** These, with {@code map} in the place of what has that name. */
    public StoredConfigMaps with(ObjectName name, StoredConfigMap map) {
        return new StoredConfigMaps(objects.with(name, map));
    }

    /** These, without the one of that name. */
    public StoredConfigMaps without(ObjectName name) {
        return new StoredConfigMaps(objects.without(name));
    }

    /** The text of one key of a ConfigMap in {@code namespace}; empty when there is none. */
    public Optional<String> find(String namespace, ConfigMapKey key) {
        List<StoredConfigMap> defined = Stream.of(
                        objects.find(new ObjectName(namespace, key.name())),
                        objects.find(ObjectName.shared(key.name())))
                .flatMap(Optional::stream)
                .toList();
        if (defined.stream().anyMatch(map -> map.broken().isPresent())) {
            return Optional.empty();
        }
        List<String> found = defined.stream()
                .flatMap(map -> Stream.ofNullable(map.data().get(key.key())))
                .toList();
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }

    /** Each name under which there is something else than in {@code before}. What both share is not looked at. */
    public void differences(StoredConfigMaps before, Consumer<? super ObjectName> name) {
        objects.differences(before.objects, name);
    }
}
