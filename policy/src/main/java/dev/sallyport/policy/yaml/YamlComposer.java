package dev.sallyport.policy.yaml;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
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
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Builds trees from parser events. The library's own composer follows aliases, recurses without a bound and stops at the first error; this one refuses aliases, is bounded in depth, and
 * keeps what it has when the syntax breaks, so that a broken policy still says which workload it is for.
 */
final class YamlComposer {
    private static final int MAX_DEPTH = 64;
    private static final LoadSettings SETTINGS =
            LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
    private static final ScalarResolver TYPES = new CoreSchema().getScalarResolver();
    private static final Map<Tag, YamlScalar.Kind> KINDS = Map.of(
            Tag.INT, YamlScalar.Kind.INTEGER,
            Tag.FLOAT, YamlScalar.Kind.FLOAT,
            Tag.BOOL, YamlScalar.Kind.BOOLEAN,
            Tag.NULL, YamlScalar.Kind.NULL);
    private static final Event END = new StreamEndEvent(Optional.empty(), Optional.empty());

    private final String file;
    private final String text;
    private final int linesBefore;
    private final Iterator<Event> events;
    private final Deque<String> path = new ArrayDeque<>();
    private List<YamlDefect> defects = new ArrayList<>();
    private int depth;
    private int lastLine;
    private boolean ended;

    /** @param linesBefore how many lines of the file stand before {@code text} */
    YamlComposer(String file, String text, int linesBefore) {
        this.file = file;
        this.text = text;
        this.linesBefore = linesBefore;
        this.lastLine = linesBefore + 1;
        this.events = new Parse(SETTINGS).parseString(text).iterator();
    }

    List<YamlDocument> documents() {
        List<YamlDocument> documents = new ArrayList<>();
        for (Event event = next(); !(event instanceof StreamEndEvent); event = next()) {
            if (event instanceof DocumentStartEvent) {
                document().ifPresent(documents::add);
            }
        }
        if (!defects.isEmpty()) {
            documents.add(withoutRoot(lastLine));
        }
        return documents;
    }

    private Optional<YamlDocument> document() {
        Event first = next();
        int line = line(first);
        YamlNode root = node(first);
        if (root instanceof YamlScalar scalar && scalar.kind() == YamlScalar.Kind.NULL && defects.isEmpty()) {
            return Optional.empty();
        }
        if (!(root instanceof YamlMap) && !ended) {
            defect(line, "found " + root.type() + ", expected an object with apiVersion and kind");
        }
        return Optional.of(root instanceof YamlMap map ? complete(line, map) : withoutRoot(line));
    }

    private YamlDocument withoutRoot(int line) {
        return complete(line, new YamlMap(line, List.of()));
    }

    private YamlDocument complete(int line, YamlMap root) {
        YamlDocument document = new YamlDocument(file, line, root, !ended, defects);
        defects = new ArrayList<>();
        return document;
    }

    private YamlNode node(Event event) {
        int line = line(event);
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
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(scalar.getValue())) {
                defect(line, "half of a surrogate pair is no character");
            }
            return new YamlScalar(line, kind(scalar), scalar.getValue());
        }
        return new YamlScalar(line, YamlScalar.Kind.NULL, "");
    }

    private YamlNode collection(int line, CollectionStartEvent start) {
        if (++depth > MAX_DEPTH) {
            end(line, "nested deeper than " + MAX_DEPTH + " levels");
        }
        YamlNode collection = start instanceof MappingStartEvent ? map(line) : list(line);
        depth--;
        return collection;
    }

    private YamlList list(int line) {
        List<YamlNode> items = new ArrayList<>();
        for (Event event = next(); !(event instanceof SequenceEndEvent) && !ended; event = next()) {
            path.addLast("[" + items.size() + "]");
            items.add(node(event));
            path.removeLast();
        }
        return new YamlList(line, items);
    }

    private YamlMap map(int line) {
        List<YamlMap.Field> fields = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        for (Event event = next(); !(event instanceof MappingEndEvent) && !ended; event = next()) {
            int keyLine = line(event);
            String key = key(event);
            path.addLast(key);
            YamlNode value = node(next());
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

    private static YamlScalar.Kind kind(ScalarEvent scalar) {
        Tag tag = scalar.isPlain() ? TYPES.resolve(scalar.getValue(), true) : Tag.STR;
        return KINDS.getOrDefault(tag, YamlScalar.Kind.STRING);
    }

    private void refuseTag(int line, Optional<String> tag) {
        if (tag.isPresent()) {
            defect(line, "tags (!…) are not supported, remove the tag");
        }
    }

    private Event next() {
        if (ended) {
            return END;
        }
        try {
            Event event = events.next();
            lastLine = line(event);
            return event;
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark()
                    .map(mark -> linesBefore + mark.getLine() + 1)
                    .orElse(lastLine);
            end(line, "not valid YAML: " + Excerpt.of(Objects.requireNonNullElse(e.getProblem(), "syntax error")));
        } catch (ReaderException e) {
            end(unprintableLine(), "not valid YAML: the character U+%04X is not allowed".formatted(e.getCodePoint()));
        } catch (YamlEngineException e) {
            end(lastLine, "not valid YAML");
        }
        return END;
    }

    /** The reader looks ahead of the parser, so the place is sought in the text. */
    private int unprintableLine() {
        int index = 0;
        while (index < text.length() && StreamReader.isPrintable(text.codePointAt(index))) {
            index += Character.charCount(text.codePointAt(index));
        }
        return linesBefore + 1 + YamlReader.lineEnds(text.substring(0, index));
    }

    private void end(int line, String message) {
        // What was found before is of little use: the error may be the cause of it.
        defects.clear();
        ended = true;
        defects.add(new YamlDefect(line, "", message));
    }

    private void defect(int line, String message) {
        if (!ended) {
            defects.add(new YamlDefect(line, joinedPath(), message));
        }
    }

    private String joinedPath() {
        StringBuilder joined = new StringBuilder();
        for (String element : path) {
            joined.append(joined.isEmpty() || element.startsWith("[") ? "" : ".")
                    .append(Excerpt.of(element));
        }
        return joined.toString();
    }

    private int line(Event event) {
        return event.getStartMark()
                .map(mark -> linesBefore + mark.getLine() + 1)
                .orElse(lastLine);
    }
}
