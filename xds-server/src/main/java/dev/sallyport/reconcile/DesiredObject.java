package dev.sallyport.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** One object as it should be, and whether a live one is. Immutable. */
final class DesiredObject {
    /** On what is applied: a hash of it. */
    static final String APPLIED = "sallyport.dev/applied";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final ObjectKey key;
    private final ObjectNode tree;
    private final String hash;

    private DesiredObject(ObjectKey key, ObjectNode tree) {
        this.key = key;
        this.tree = tree;
        this.hash = hash(tree);
        metadata().withObject("/annotations").put(APPLIED, hash);
    }

    static DesiredObject of(HasMetadata object) {
        ObjectKey key = new ObjectKey(
                ObjectKey.Kind.valueOf(object.getKind()),
                object.getMetadata().getNamespace(),
                object.getMetadata().getName());
        ObjectNode tree = parse(object);
        if (key.kind() == ObjectKey.Kind.NetworkPolicy) {
            emptyOnPurpose(tree.withObject("/spec"));
        }
        return new DesiredObject(key, tree);
    }

    /** A list that is left out is one that others may fill in; one that is empty is ours. */
    private static void emptyOnPurpose(ObjectNode spec) {
        for (String list : List.of("egress", "ingress")) {
            if (!spec.has(list)) {
                spec.putArray(list);
            }
        }
    }

    /** Through text, so that numbers compare as those of the API server do. */
    private static ObjectNode parse(Object object) {
        try {
            return (ObjectNode) JSON.readTree(JSON.writeValueAsString(object));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an object of the model is always written", e);
        }
    }

    ObjectKey key() {
        return key;
    }

    String hash() {
        return hash;
    }

    /** For server-side apply; to that very object when {@code uid} is not empty. */
    ObjectNode patch(String uid) {
        ObjectNode patch = tree.deepCopy();
        if (!uid.isEmpty()) {
            patch.withObject("/metadata").put("uid", uid);
        }
        return patch;
    }

    /** Whether the live object was made of this and still says the same. */
    boolean isIn(JsonNode live) {
        return live.at("/metadata/annotations").path(APPLIED).asText().equals(hash)
                && LiveObject.covers(metadata().path("labels"), live.at("/metadata/labels"))
                && LiveObject.covers(metadata().path("ownerReferences"), live.at("/metadata/ownerReferences"))
                && saysTheSame(live);
    }

    private boolean saysTheSame(JsonNode live) {
        return switch (key.kind()) {
            case NetworkPolicy ->
                LiveObject.withoutEmpty(tree.path("spec")).equals(LiveObject.withoutEmpty(live.path("spec")));
            case Service ->
                LiveObject.covers(tree.path("spec"), live.path("spec"))
                        && tree.at("/spec/selector").equals(live.at("/spec/selector"));
            default ->
                LiveObject.covers(tree.path("data"), live.path("data"))
                        && LiveObject.covers(tree.path("binaryData"), live.path("binaryData"));
        };
    }

    private ObjectNode metadata() {
        return tree.withObject("/metadata");
    }

    private static String hash(ObjectNode tree) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(tree.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
