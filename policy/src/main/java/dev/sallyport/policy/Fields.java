package dev.sallyport.policy;

import dev.sallyport.policy.yaml.Excerpt;
import dev.sallyport.policy.yaml.YamlList;
import dev.sallyport.policy.yaml.YamlMap;
import dev.sallyport.policy.yaml.YamlNode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One map of a document, read strictly: a field it may not hold is recorded as a problem, and so is one without the right type. An absent field is empty. Not safe for use by several threads. */
public final class Fields {
    private final YamlMap map;
    private final String path;
    private final Problems problems;

    /**
     * Reads {@code map}.
     *
     * @param path where it stands, for messages; empty: it is the document
     * @param known all fields that it may hold
     */
    public Fields(YamlMap map, String path, Problems problems, String... known) {
        this.map = map;
        this.path = path;
        this.problems = problems;
        map.fields().stream()
                .filter(field -> !Arrays.asList(known).contains(field.name()))
                .forEach(field -> unknown(field, known));
    }

    private void unknown(YamlMap.Field field, String... known) {
        String hint = NearName.of(field.name(), known)
                .map(name -> "did you mean " + name + "?")
                .orElseGet(() -> "expected one of " + String.join(", ", known));
        problems.error(field.line(), pathOf(Excerpt.of(field.name())), "unknown field; " + hint);
    }

    boolean has(String name) {
        return map.get(name).isPresent();
    }

    /** The field; empty when it is absent. */
    public Optional<Element> element(String name) {
        return map.get(name).map(node -> new Element(node, pathOf(name), problems));
    }

    /** The field, which must be there; {@code expected} is for the message when it is not. */
    public Optional<Element> required(String name, String expected) {
        Optional<Element> element = element(name);
        if (element.isEmpty()) {
            problems.error(map.line(), pathOf(name), "missing, expected " + expected);
        }
        return element;
    }

    /** The elements of a list; empty when the field is absent or no list. */
    public Optional<List<Element>> list(String name, String expected) {
        return element(name).flatMap(element -> {
            if (element.node() instanceof YamlList list) {
                return Optional.of(elements(list.items(), element.path()));
            }
            element.expected(expected);
            return Optional.empty();
        });
    }

    private List<Element> elements(List<YamlNode> items, String listPath) {
        return IntStream.range(0, items.size())
                .mapToObj(i -> new Element(items.get(i), listPath + "[" + i + "]", problems))
                .toList();
    }

    /** One of the names of an enum, letter by letter. */
    public <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
        return element(name).flatMap(element -> {
            Optional<E> chosen = element.text().flatMap(text -> named(type, text));
            if (chosen.isEmpty() && element.isText()) {
                element.expected(names(type));
            }
            return chosen;
        });
    }

    private static <E extends Enum<E>> Optional<E> named(Class<E> type, String text) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equals(text))
                .findFirst();
    }

    private static <E extends Enum<E>> String names(Class<E> type) {
        return "one of "
                + Arrays.stream(type.getEnumConstants()).map(Enum::name).collect(Collectors.joining(", "));
    }

    /** A duration in {@code range}. */
    Optional<Duration> duration(String name, DurationRange range) {
        return element(name).flatMap(element -> {
            Optional<Duration> duration = element.text().flatMap(range::parse);
            if (duration.isEmpty() && element.isText()) {
                element.expected(range.toString());
            }
            return duration;
        });
    }

    /** Records an error for each of {@code names} that is present: it would have no effect. */
    void withoutEffect(String why, String... names) {
        for (String name : names) {
            element(name).ifPresent(element -> element.error("has no effect " + why + ", remove it"));
        }
    }

    private String pathOf(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
