package dev.sallyport.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.function.Supplier;

/** One object as it should be, and whether a live one is. Of a ConfigMap only digests are kept: it may be large, and is made anew when it is written. Immutable. */
final class DesiredObject {
    /** On what is applied: a hash of it. */
    static final String APPLIED = "sallyport.dev/applied";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private final ObjectKey key;
    private final Supplier<? extends HasMetadata> made;
    private final ObjectNode tree;
    private final String hash;

    private DesiredObject(Supplier<? extends HasMetadata> made) {
        HasMetadata object = made.get();
        this.key = new ObjectKey(
                ObjectKey.Kind.valueOf(object.getKind()),
                object.getMetadata().getNamespace(),
                object.getMetadata().getName());
        this.made = made;
        this.tree = LiveObject.digested(tree(object));
        this.hash = Digest.of(tree.toString()).substring(0, 32);
        annotate(tree);
    }

    static DesiredObject of(HasMetadata object) {
        return new DesiredObject(() -> object);
    }

    /** The same each time; nothing of its size is kept. */
    static DesiredObject of(Supplier<? extends HasMetadata> made) {
        return new DesiredObject(made);
    }

    /** Through text, so that numbers compare as those of the API server do. */
    private static ObjectNode tree(HasMetadata object) {
        try {
            ObjectNode tree = (ObjectNode) JSON.readTree(JSON.writeValueAsString(object));
            if (tree.path("kind").asText().equals(ObjectKey.Kind.NetworkPolicy.name())) {
                emptyOnPurpose(tree.withObject("/spec"));
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an object of the model is always written", e);
        }
    }

    /** A list that is left out is one that others may fill in; one that is empty is ours. */
    private static void emptyOnPurpose(ObjectNode spec) {
        for (String list : List.of("egress", "ingress")) {
            if (!spec.has(list)) {
                spec.putArray(list);
            }
        }
    }

    private void annotate(ObjectNode object) {
        object.withObject("/metadata").withObject("/annotations").put(APPLIED, hash);
    }

    ObjectKey key() {
        return key;
    }

    String hash() {
        return hash;
    }

    /** For server-side apply; to that very object when {@code uid} is not empty. */
    ObjectNode patch(String uid) {
        ObjectNode patch = tree(made.get());
        annotate(patch);
        if (!uid.isEmpty()) {
            patch.withObject("/metadata").put("uid", uid);
        }
        return patch;
    }

    /** Whether the live object, whole or {@linkplain LiveObject#reduced reduced}, was made of this and still says the same. */
    boolean isIn(JsonNode live) {
        return live.at("/metadata/annotations").path(APPLIED).asText().equals(hash)
                && LiveObject.covers(tree.at("/metadata/labels"), live.at("/metadata/labels"))
                && LiveObject.covers(tree.at("/metadata/ownerReferences"), live.at("/metadata/ownerReferences"))
                && saysTheSame(live);
    }

    private boolean saysTheSame(JsonNode live) {
        return switch (key.kind()) {
            case NetworkPolicy ->
                LiveObject.withoutEmpty(tree.path("spec")).equals(LiveObject.withoutEmpty(live.path("spec")));
            case Service ->
                LiveObject.covers(tree.path("spec"), live.path("spec"))
                        && tree.at("/spec/selector").equals(live.at("/spec/selector"));
            default -> {
                JsonNode digests = LiveObject.digested((ObjectNode) live);
                yield LiveObject.covers(tree.path("data"), digests.path("data"))
                        && LiveObject.covers(tree.path("binaryData"), digests.path("binaryData"));
            }
        };
    }
}
