package dev.sallyport.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Predicate;

/** How a guard is taken out of a sidecar's resources. The trees are Envoy's messages as the golden files show them. */
@FunctionalInterface
interface Without {
    /** Changes a resource in place. */
    void edit(ObjectNode resource);

    /** Everything stays as it is. */
    static Without nothing() {
        return resource -> {};
    }

    /** This field goes, wherever it stands. */
    static Without field(String name) {
        return resource -> resource.findParents(name).forEach(parent -> ((ObjectNode) parent).remove(name));
    }

    /** Elements of the lists of this name go that {@code guard} is true of. */
    static Without elements(String list, Predicate<JsonNode> guard) {
        return resource -> resource.findValues(list).forEach(elements -> {
            ArrayNode kept = ((ArrayNode) elements).arrayNode();
            elements.forEach(element -> {
                if (!guard.test(element)) {
                    kept.add(element);
                }
            });
            ((ArrayNode) elements).removeAll().addAll(kept);
        });
    }

    /** Elements of this name go from the lists of that name. */
    static Without named(String list, String name) {
        return elements(list, element -> isNamed(element, name));
    }

    /** This, but only within the elements of that name in that list. */
    default Without within(String list, String name) {
        return resource -> resource.findValues(list)
                .forEach(elements -> elements.forEach(element -> {
                    if (isNamed(element, name)) {
                        edit((ObjectNode) element);
                    }
                }));
    }

    /** This, but only in the resource of that name. */
    default Without in(String resourceName) {
        return resource -> {
            if (isNamed(resource, resourceName)) {
                edit(resource);
            }
        };
    }

    /** Both. */
    default Without and(Without other) {
        return resource -> {
            edit(resource);
            other.edit(resource);
        };
    }

    private static boolean isNamed(JsonNode node, String name) {
        return node.path("name").asText().equals(name);
    }
}
