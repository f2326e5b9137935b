package dev.sallyport.policy.yaml;

import java.util.List;
import java.util.Optional;

/**
 * A mapping. Keys are the text of scalars, each at most once.
 *
 * @param fields in the order written
 */
public record YamlMap(int line, List<Field> fields) implements YamlNode {
    /**
     * A key and its value.
     *
     * @param line of the key, from 1
     */
    public record Field(String name, int line, YamlNode value) {}

    public YamlMap {
        fields = List.copyOf(fields);
    }

    /** The value of a key; empty when it is absent. */
    public Optional<YamlNode> get(String name) {
        for (Field field : fields) {
            if (field.name().equals(name)) {
                return Optional.of(field.value());
            }
        }
        return Optional.empty();
    }

    /** The map under a key; empty when it is absent or something else. */
    public Optional<YamlMap> map(String name) {
        return get(name).filter(YamlMap.class::isInstance).map(YamlMap.class::cast);
    }

    /** The string under a key; empty when it is absent or something else. */
    public Optional<String> string(String name) {
        return get(name)
                .filter(YamlScalar.class::isInstance)
                .map(YamlScalar.class::cast)
                .filter(YamlScalar::isString)
                .map(YamlScalar::text);
    }

    @Override
    public String type() {
        return "a map";
    }
}
