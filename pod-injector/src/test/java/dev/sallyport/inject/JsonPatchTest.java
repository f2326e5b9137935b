package dev.sallyport.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patches, applied by another's code. */
class JsonPatchTest {
    private static final int TRIES = 2_000;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{a: 1}|{a: 1}|[]",
                "{a: 1}|{a: 2}|[{op: replace, path: /a, value: 2}]",
                "{a: 1}|{b: 1}|[{op: remove, path: /a}, {op: add, path: /b, value: 1}]",
                "{a/b: {~: 1}}|{a/b: {~: 2}}|[{op: replace, path: /a~1b/~0, value: 2}]",
                "{l: [{name: a}, {name: b}]}|{l: [{name: x}, {name: a, v: 1}, {name: b}]}|[{op: add, path: /l/0, value: {name: x}}, {op: add, path: /l/1/v, value: 1}]",
                "{l: [1, 2]}|{l: [1, 2, 3]}|[{op: add, path: /l/2, value: 3}]",
                "{l: [1, 2]}|{l: [1]}|[{op: replace, path: /l, value: [1]}]",
                "{l: null}|{l: [1]}|[{op: replace, path: /l, value: [1]}]",
                "{l: [{name: a}, {name: a}]}|{l: [{name: a}, {name: a}, {name: b}]}|[{op: add, path: /l/2, value: {name: b}}]",
            })
    void saysWhatChangedAndNoMore(String before, String after, String patch) throws Exception {
        assertThat((JsonNode) dev.sallyport.inject.JsonPatch.between(Pods.yaml(before), Pods.yaml(after)))
                .isEqualTo(Pods.YAML.readTree(patch));
    }

    @Test
    void leadsFromAnyTreeToAnyOther() {
        Random random = new Random(7);
        for (int i = 0; i < TRIES; i++) {
            ObjectNode before = tree(random, 3);
            ObjectNode after = random.nextBoolean() ? tree(random, 3) : changed(random, before.deepCopy());
            JsonNode patch = dev.sallyport.inject.JsonPatch.between(before, after);
            assertThat(JsonPatch.apply(patch, before.deepCopy()))
                    .as("%s by %s", before, patch)
                    .isEqualTo(after);
        }
    }

    private static ObjectNode tree(Random random, int depth) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = random.nextInt(4); i > 0; i--) {
            object.set("abc".charAt(random.nextInt(3)) + (random.nextInt(9) == 0 ? "/~" : ""), value(random, depth));
        }
        return object;
    }

    private static JsonNode value(Random random, int depth) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (depth == 0 ? random.nextInt(3) : random.nextInt(6)) {
            case 0 -> nodes.nullNode();
            case 1 -> nodes.numberNode(random.nextInt(3));
            case 2 -> nodes.textNode("t" + random.nextInt(3));
            case 3 -> tree(random, depth - 1);
            default -> list(random, depth);
        };
    }

    private static JsonNode list(Random random, int depth) {
        var list = JsonNodeFactory.instance.arrayNode();
        boolean named = random.nextInt(3) > 0;
        for (int i = random.nextInt(5); i > 0; i--) {
            list.add(named ? tree(random, depth - 1).put("name", "n" + random.nextInt(6)) : value(random, depth - 1));
        }
        return list;
    }

    private static ObjectNode changed(Random random, ObjectNode object) {
        object.properties().forEach(field -> {
            if (field.getValue() instanceof ObjectNode inner) {
                changed(random, inner);
            } else if (field.getValue() instanceof com.fasterxml.jackson.databind.node.ArrayNode inner) {
                inner.insert(random.nextInt(inner.size() + 1), tree(random, 1).put("name", "n" + random.nextInt(9)));
            }
        });
        return object;
    }
}
