package dev.sallyport.policy.yaml;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Builds trees from parser events. The library's own composer follows aliases, recurses without a bound and stops at the first error; this one refuses aliases, is bounded in depth, and
 * keeps what it has when the syntax breaks, so that a broken policy still says which workload it is for.
 */
final class YamlComposer {
    private static final int MAX_DEPTH = 64;
    private static final ScalarResolver TYPES = new CoreSchema().getScalarResolver();
    private static final Map<Tag, YamlScalar.Kind> KINDS = Map.of(
            Tag.INT, YamlScalar.Kind.INTEGER,
            Tag.FLOAT, YamlScalar.Kind.FLOAT,
            Tag.BOOL, YamlScalar.Kind.BOOLEAN,
            Tag.NULL, YamlScalar.Kind.NULL);
    private final String file;
    private final YamlEvents events;
    private final Deque<String> path = new ArrayDeque<>();
    private List<YamlDefect> defects = new ArrayList<>();
    private int depth;

    /** @param linesBefore how many lines of the file stand before {@code text} */
    YamlComposer(String file, String text, int linesBefore) {
        this.file = file;
        this.events = new YamlEvents(text, linesBefore);
    }

    List<YamlDocument> documents() {
        List<YamlDocument> documents = new ArrayList<>();
        for (Event event = events.next(); !(event instanceof StreamEndEvent); event = events.next()) {
            if (event instanceof DocumentStartEvent) {
                document().ifPresent(documents::add);
            }
        }
        boolean told = documents.stream().anyMatch(document -> !document.complete());
        events.failure().filter(failure -> !told).ifPresent(failure -> documents.add(withoutRoot(failure.line())));
        return documents;
    }

    private Optional<YamlDocument> document() {
        Event first = events.next();
        int line = events.line(first);
        YamlNode root = node(first);
        boolean nothing = root instanceof YamlScalar scalar && scalar.kind() == YamlScalar.Kind.NULL;
        if (nothing && defects.isEmpty() && events.failure().isEmpty()) {
            return Optional.empty();
        }
        if (!(root instanceof YamlMap)) {
            defect(line, "found " + root.type() + ", expected a map of fields");
        }
        return Optional.of(root instanceof YamlMap map ? complete(line, map) : withoutRoot(line));
    }

    private YamlDocument withoutRoot(int line) {
        return complete(line, new YamlMap(line, List.of()));
    }

    private YamlDocument complete(int line, YamlMap root) {
        // When the syntax breaks, that is all that is told: it may be the cause of the rest.
        List<YamlDefect> found = events.failure().map(List::of).orElse(defects);
        defects = new ArrayList<>();
        return new YamlDocument(file, line, root, events.failure().isEmpty(), found);
    }

    private YamlNode node(Event event) {
        int line = events.line(event);
        if (event instanceof AliasEvent
                || event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            defect(line, "anchors and aliases are not supported, write the value out");
        }
        if (event instanceof CollectionStartEvent start) {
            refuseTag(line, start.getTag());
            return collection(line, start);
        }
        if (event instanceof ScalarEvent scalar) {
            refuseTag(line, scalar.getTag());
            if (hasHalfOfAPair(scalar.getValue())) {
                defect(line, "half of a surrogate pair is no character");
            }
            return new YamlScalar(line, kind(scalar), scalar.getValue());
        }
        return new YamlScalar(line, YamlScalar.Kind.NULL, "");
    }

    private YamlNode collection(int line, CollectionStartEvent start) {
        if (++depth > MAX_DEPTH) {
            events.fail(line, "nested deeper than " + MAX_DEPTH + " levels");
        }
        YamlNode collection = start instanceof MappingStartEvent ? map(line) : list(line);
        depth--;
        return collection;
    }

    private YamlList list(int line) {
        List<YamlNode> items = new ArrayList<>();
        for (Event event = events.next();
                !(event instanceof SequenceEndEvent) && events.failure().isEmpty();
                event = events.next()) {
            path.addLast("[" + items.size() + "]");
            items.add(node(event));
            path.removeLast();
        }
        return new YamlList(line, items);
    }

    private YamlMap map(int line) {
        List<YamlMap.Field> fields = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        for (Event event = events.next();
                !(event instanceof MappingEndEvent) && events.failure().isEmpty();
                event = events.next()) {
            int keyLine = events.line(event);
            String key = key(event);
            path.addLast(key);
            YamlNode value = node(events.next());
            Integer earlier = lines.putIfAbsent(key, keyLine);
            if (earlier == null) {
                fields.add(new YamlMap.Field(key, keyLine, value));
            } else {
                defect(keyLine, "duplicate key, the first one is in line " + earlier);
            }
            path.removeLast();
        }
        return new YamlMap(line, fields);
    }

    private String key(Event event) {
        YamlNode key = node(event);
        if (key instanceof YamlScalar scalar) {
            return scalar.text();
        }
        defect(key.line(), "found " + key.type() + " as a key, expected a string");
        return "";
    }

    private static boolean hasHalfOfAPair(String value) {
        return value.chars().anyMatch(c -> Character.isSurrogate((char) c))
                && value.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE);
    }

    private static YamlScalar.Kind kind(ScalarEvent scalar) {
        Tag tag = scalar.isPlain() ? TYPES.resolve(scalar.getValue(), true) : Tag.STR;
        return KINDS.getOrDefault(tag, YamlScalar.Kind.STRING);
    }

    private void refuseTag(int line, Optional<String> tag) {
        if (tag.isPresent()) {
            defect(line, "tags (!…) are not supported, remove the tag");
        }
    }

    private void defect(int line, String message) {
        defects.add(new YamlDefect(line, joinedPath(), message));
    }

    private String joinedPath() {
        StringBuilder joined = new StringBuilder();
        for (String element : path) {
            joined.append(joined.isEmpty() || element.startsWith("[") ? "" : ".")
                    .append(Excerpt.of(element));
        }
        return joined.toString();
    }
}
