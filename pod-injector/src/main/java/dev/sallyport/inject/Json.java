package dev.sallyport.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Map;

/** The small vocabulary that objects for Pods are written with. */
final class Json {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    static ObjectNode object() {
        return NODES.objectNode();
    }

    static ArrayNode strings(Collection<String> values) {
        ArrayNode list = NODES.arrayNode();
        values.forEach(list::add);
        return list;
    }

    static ArrayNode list(Collection<? extends JsonNode> elements) {
        return NODES.arrayNode().addAll(elements);
    }

    static ObjectNode texts(Map<String, String> values) {
        ObjectNode object = NODES.objectNode();
        values.forEach(object::put);
        return object;
    }

    /** The object of that name, made when it is not there. */
    static ObjectNode objectIn(ObjectNode parent, String name) {
        return parent.get(name) instanceof ObjectNode there ? there : parent.putObject(name);
    }

    /** The list of that name, made when it is not there. */
    static ArrayNode listIn(ObjectNode parent, String name) {
        return parent.get(name) instanceof ArrayNode there ? there : parent.putArray(name);
    }

    private Json() {}
}
