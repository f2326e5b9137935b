package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What live objects are asked, and what is kept of them. */
final class LiveObject {
    private static final String DIGEST = "sha256";
    private static final Set<String> VALUES = Set.of("data", "binaryData");
    private static final Set<String> KEPT_OF_METADATA = Set.of(
            "namespace",
            "name",
            "uid",
            "resourceVersion",
            "generation",
            "deletionTimestamp",
            "labels",
            "annotations",
            "finalizers",
            "ownerReferences");

    /** What is kept of an object in memory: values of ConfigMaps as digests, of policies all but what they say. Changes {@code live}. */
    static JsonNode reduced(JsonNode live) {
        if (!(live instanceof ObjectNode object)) {
            return live;
        }
        if (object.path("metadata") instanceof ObjectNode metadata) {
            metadata.retain(KEPT_OF_METADATA);
            if (metadata.path("annotations") instanceof ObjectNode annotations) {
                annotations.retain(DesiredObject.APPLIED);
            }
        }
        object.retain("metadata", "spec", "status", "data", "binaryData");
        return digested(object);
    }

    /** Of a policy: that, without its specification, which is read elsewhere. Changes {@code live}. */
    static JsonNode reducedPolicy(JsonNode live) {
        JsonNode reduced = reduced(live);
        if (reduced instanceof ObjectNode object) {
            object.remove("spec");
        }
        return reduced;
    }

    /** With digests in the place of values of a ConfigMap. A digest is an object, and so cannot be taken for a value. */
    static ObjectNode digested(ObjectNode object) {
        ObjectNode copy = object.objectNode();
        object.properties()
                .forEach(field -> copy.set(
                        field.getKey(),
                        VALUES.contains(field.getKey()) && field.getValue() instanceof ObjectNode texts
                                ? digests(texts)
                                : field.getValue()));
        return copy;
    }

    private static ObjectNode digests(ObjectNode texts) {
        ObjectNode digests = texts.objectNode();
        texts.properties()
                .forEach(text -> digests.set(
                        text.getKey(),
                        text.getValue().isTextual()
                                ? texts.objectNode()
                                        .put(DIGEST, Digest.of(text.getValue().textValue()))
                                : text.getValue()));
        return digests;
    }

    /** Whether it carries our label, or what we write on each object, in case somebody took the label away. What does not is somebody else's, whatever its name. */
    static boolean isOurs(JsonNode live) {
        return live.at("/metadata/labels")
                        .path(ObjectNames.MANAGED_BY_LABEL)
                        .asText()
                        .equals(ObjectNames.SALLYPORT)
                || live.at("/metadata/annotations").has(DesiredObject.APPLIED);
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
