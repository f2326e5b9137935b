package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What live objects are asked. */
final class LiveObject {
    /** Whether it carries our label. What does not is somebody else's, whatever its name. */
    static boolean isOurs(JsonNode live) {
        return live.at("/metadata/labels")
                .path(ObjectNames.MANAGED_BY_LABEL)
                .asText()
                .equals(ObjectNames.SALLYPORT);
    }

    static String uid(JsonNode live) {
        return live.at("/metadata/uid").asText();
    }

    /** Whether {@code live} says all that {@code wanted} says; it may say more, such as defaults. */
    static boolean covers(JsonNode wanted, JsonNode live) {
        if (wanted.isMissingNode()) {
            return true;
        }
        if (wanted.isObject()) {
            return wanted.properties().stream().allMatch(field -> covers(field.getValue(), live.path(field.getKey())));
        }
        if (wanted.isArray()) {
            return elements(wanted).allMatch(one -> elements(live).anyMatch(other -> covers(one, other)));
        }
        return wanted.equals(live);
    }

    /** Without the lists and objects that are empty: the API server keeps none at the top of a specification. */
    static JsonNode withoutEmpty(JsonNode spec) {
        if (!(spec instanceof ObjectNode object)) {
            return spec;
        }
        ObjectNode copy = object.deepCopy();
        copy.properties()
                .removeIf(field ->
                        field.getValue().isContainerNode() && field.getValue().isEmpty());
        return copy;
    }

    private static Stream<JsonNode> elements(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }

    private LiveObject() {}
}
