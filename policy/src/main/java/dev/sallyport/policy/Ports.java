package dev.sallyport.policy;

import dev.sallyport.policy.yaml.YamlScalar;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reads port numbers: plain decimal integers from 1 to 65535, without sign or leading zero. */
final class Ports {
    static final int MAX_PER_HOST = 16;
    private static final List<Integer> DEFAULT = List.of(443);
    private static final Pattern DECIMAL = Pattern.compile("[1-9][0-9]{0,4}");

    private Ports() {}

    /** The {@code ports} of a host entry, sorted; the default when the field is absent. */
    static List<Integer> read(Fields entry) {
        Optional<List<Element>> elements = entry.list("ports", "a list of integers");
        elements.filter(List::isEmpty)
                .flatMap(none -> entry.element("ports"))
                .ifPresent(list ->
                        list.error("found an empty list, expected at least one port (leave the field out for 443)"));
        elements.filter(list -> list.size() > MAX_PER_HOST)
                .flatMap(many -> entry.element("ports"))
                .ifPresent(list ->
                        list.error("found more than " + MAX_PER_HOST + " ports, expected at most " + MAX_PER_HOST));
        return elements.map(Ports::distinct).orElse(DEFAULT);
    }

    private static List<Integer> distinct(List<Element> elements) {
        TreeSet<Integer> ports = new TreeSet<>();
        for (Element element : elements.subList(0, Math.min(elements.size(), MAX_PER_HOST))) {
            one(element).ifPresent(port -> {
                if (!ports.add(port)) {
                    element.error("found " + port + " a second time");
                }
            });
        }
        return List.copyOf(ports);
    }

    /** The port that an element must be. */
    static OptionalInt one(Element element) {
        boolean integer = element.node() instanceof YamlScalar scalar && scalar.kind() == YamlScalar.Kind.INTEGER;
        OptionalInt port = integer ? number(((YamlScalar) element.node()).text()) : OptionalInt.empty();
        if (port.isEmpty()) {
            String how =
                    integer ? " in decimal, without sign or leading zero" : element.isText() ? " without quotes" : "";
            element.expected("an integer from 1 to 65535" + how);
        }
        return port;
    }

    /** The port that {@code text} says; empty when it says none. */
    static OptionalInt number(String text) {
        if (!DECIMAL.matcher(text).matches() || Integer.parseInt(text) > 65_535) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(Integer.parseInt(text));
    }
}
