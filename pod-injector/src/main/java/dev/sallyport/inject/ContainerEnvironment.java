package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.bootstrap.AppEnvironment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The environment of one container: what makes its runtime trust the sidecar and find it, each variable only if the container does not set it. */
final class ContainerEnvironment {
    private static final String NAME = "name";
    private static final String VALUE = "value";

    private final AppEnvironment environment;

    ContainerEnvironment(AppEnvironment environment) {
        this.environment = environment;
    }

    /**
     * Adds what is missing, sorted, after what is there.
     *
     * @return what the container sets to something else, sorted
     */
    List<String> addTo(ObjectNode container) {
        Map<String, ObjectNode> entries = new LinkedHashMap<>();
        Map<String, String> values = new LinkedHashMap<>();
        for (PodElement entry : PodElement.of(container).list("env")) {
            // Of two of one name the last holds.
            entries.put(entry.text(NAME), (ObjectNode) entry.json());
            values.put(entry.text(NAME), entry.text(VALUE));
        }
        Map<String, String> all = new TreeMap<>(values);
        List<String> kept = environment.addTo(all);
        all.forEach((name, value) -> {
            ObjectNode entry = entries.get(name);
            if (entry == null) {
                add(container, name, value);
            } else if (!entry.hasNonNull("valueFrom") && !value.equals(values.get(name))) {
                entry.put(VALUE, value);
            }
        });
        return kept(kept, entries);
    }

    private static void add(ObjectNode container, String name, String value) {
        ArrayNode env = Json.listIn(container, "env");
        env.addObject().put(NAME, name).put(VALUE, value);
    }

    /** A value that comes from elsewhere cannot be appended to. */
    private static List<String> kept(List<String> kept, Map<String, ObjectNode> entries) {
        ObjectNode java = entries.get(AppEnvironment.JAVA_OPTIONS);
        if (java == null || !java.hasNonNull("valueFrom")) {
            return kept;
        }
        return Stream.concat(kept.stream(), Stream.of(AppEnvironment.JAVA_OPTIONS))
                .sorted()
                .toList();
    }
}
