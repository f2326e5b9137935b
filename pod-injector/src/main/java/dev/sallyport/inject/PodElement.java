package dev.sallyport.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * An object in a Pod, which knows its path. Strict where it is read: a field of another type than the one asked for ends the reading, since a rule that took it for absent would let it pass. Absent and null are the same, as for the
 * API server.
 *
 * @param json an object, or missing
 * @param path empty: the Pod itself
 */
record PodElement(JsonNode json, String path) {
    static PodElement of(ObjectNode pod) {
        return new PodElement(pod, "");
    }

    /** One element of a list of strings. */
    record Text(String value, String path) {}

    String pathOf(String name) {
        boolean plain = name.chars().allMatch(Character::isLetterOrDigit);
        String step = plain ? name : "[\"" + name + "\"]";
        return path + (plain && !path.isEmpty() ? "." : "") + step;
    }

    boolean isPresent() {
        return !json.isMissingNode();
    }

    /** The object of that name; missing: an object without fields. */
    PodElement at(String name) {
        return new PodElement(read(name, JsonNode::isObject, "an object"), pathOf(name));
    }

    boolean has(String name) {
        return !field(name).isMissingNode();
    }

    /** The objects of a list. */
    List<PodElement> list(String name) {
        List<PodElement> elements = new ArrayList<>();
        for (JsonNode element : read(name, JsonNode::isArray, "a list")) {
            String place = pathOf(name) + "[" + elements.size() + "]";
            require(element, JsonNode::isObject, place, "an object");
            elements.add(new PodElement(element, place));
        }
        return elements;
    }

    /** The strings of a list. */
    List<Text> texts(String name) {
        List<Text> texts = new ArrayList<>();
        for (JsonNode element : read(name, JsonNode::isArray, "a list")) {
            String place = pathOf(name) + "[" + texts.size() + "]";
            require(element, JsonNode::isTextual, place, "a string");
            texts.add(new Text(element.textValue(), place));
        }
        return texts;
    }

    /** Empty when it is absent. */
    String text(String name) {
        return optionalText(name).orElse("");
    }

    Optional<String> optionalText(String name) {
        return Optional.ofNullable(read(name, JsonNode::isTextual, "a string").textValue());
    }

    /** False when it is absent. */
    boolean flag(String name) {
        return read(name, JsonNode::isBoolean, "true or false").booleanValue();
    }

    OptionalLong integer(String name) {
        JsonNode value = read(name, node -> node.isIntegralNumber() && node.canConvertToLong(), "an integer");
        return value.isMissingNode() ? OptionalLong.empty() : OptionalLong.of(value.longValue());
    }

    private JsonNode field(String name) {
        JsonNode value = json.path(name);
        return value.isNull() ? MissingNode.getInstance() : value;
    }

    private JsonNode read(String name, Predicate<JsonNode> type, String expected) {
        JsonNode value = field(name);
        if (!value.isMissingNode()) {
            require(value, type, pathOf(name), expected);
        }
        return value;
    }

    private static void require(JsonNode value, Predicate<JsonNode> type, String place, String expected) {
        if (!type.test(value)) {
            String found = value.isContainerNode() ? (value.isArray() ? "a list" : "an object") : value.toString();
            throw new MalformedPodException(Refusal.found(place, found, expected));
        }
    }
}
