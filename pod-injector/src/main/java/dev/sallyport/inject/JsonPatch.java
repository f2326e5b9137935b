package dev.sallyport.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The JSON patch (RFC 6902) from one tree to another: the same for the same trees, and without what did not change. Elements of lists that have names (containers, variables, volumes) are followed by these, so that one that is put
 * before others leaves them alone.
 */
final class JsonPatch {
    private final ArrayNode operations = JsonNodeFactory.instance.arrayNode();

    private JsonPatch() {}

    static ArrayNode between(JsonNode before, JsonNode after) {
        JsonPatch patch = new JsonPatch();
        patch.change("", before, after);
        return patch.operations;
    }

    private void change(String path, JsonNode before, JsonNode after) {
        if (before.equals(after)) {
            return;
        }
        if (before instanceof ObjectNode from && after instanceof ObjectNode to) {
            objects(path, from, to);
        } else if (before instanceof ArrayNode from && after instanceof ArrayNode to && from.size() <= to.size()) {
            lists(path, from, to);
        } else {
            add("replace", path, after);
        }
    }

    private void objects(String path, ObjectNode before, ObjectNode after) {
        Set<String> names = new TreeSet<>();
        before.fieldNames().forEachRemaining(names::add);
        after.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            String place = path + "/" + name.replace("~", "~0").replace("/", "~1");
            JsonNode from = before.get(name);
            JsonNode to = after.get(name);
            if (to == null) {
                add("remove", place, null);
            } else if (from == null) {
                add("add", place, to);
            } else {
                change(place, from, to);
            }
        }
    }

    private void lists(String path, ArrayNode before, ArrayNode after) {
        Map<String, JsonNode> from = byName(before);
        Map<String, JsonNode> to = byName(after);
        if (from.size() == before.size() && to.size() == after.size() && isInOrder(from, to)) {
            named(path, from, to);
        } else {
            byPlace(path, before, after);
        }
    }

    private void named(String path, Map<String, JsonNode> before, Map<String, JsonNode> after) {
        int place = 0;
        for (Map.Entry<String, JsonNode> element : after.entrySet()) {
            if (!before.containsKey(element.getKey())) {
                add("add", path + "/" + place, element.getValue());
            }
            place++;
        }
        place = 0;
        for (Map.Entry<String, JsonNode> element : after.entrySet()) {
            JsonNode from = before.get(element.getKey());
            if (from != null) {
                change(path + "/" + place, from, element.getValue());
            }
            place++;
        }
    }

    private void byPlace(String path, ArrayNode before, ArrayNode after) {
        for (int i = 0; i < after.size(); i++) {
            if (i < before.size()) {
                change(path + "/" + i, before.get(i), after.get(i));
            } else {
                add("add", path + "/" + i, after.get(i));
            }
        }
    }

    /** Smaller than the list when an element has no name, or one that another has too. */
    private static Map<String, JsonNode> byName(ArrayNode list) {
        Map<String, JsonNode> named = new LinkedHashMap<>();
        for (JsonNode element : list) {
            String name = element.path("name").asText("");
            if (!name.isEmpty()) {
                named.put(name, element);
            }
        }
        return named;
    }

    /** Whether nothing was taken away or moved. */
    private static boolean isInOrder(Map<String, JsonNode> before, Map<String, JsonNode> after) {
        Set<String> kept = new HashSet<>(after.keySet());
        kept.retainAll(before.keySet());
        return kept.size() == before.size()
                && after.keySet().stream()
                        .filter(kept::contains)
                        .toList()
                        .equals(before.keySet().stream().toList());
    }

    private void add(String operation, String path, @Nullable JsonNode value) {
        ObjectNode added = operations.addObject().put("op", operation).put("path", path);
        if (value != null) {
            added.set("value", value);
        }
    }
}
