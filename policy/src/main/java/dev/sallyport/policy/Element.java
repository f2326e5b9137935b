package dev.sallyport.policy;

import dev.sallyport.policy.yaml.Excerpt;
import dev.sallyport.policy.yaml.YamlList;
import dev.sallyport.policy.yaml.YamlMap;
import dev.sallyport.policy.yaml.YamlNode;
import dev.sallyport.policy.yaml.YamlScalar;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * A node of a document that is read strictly. What does not have the type asked for is recorded as a problem, and empty.
 *
 * @param path where it stands, for messages
 * @param problems where what is wrong with it is recorded
 */
public record Element(YamlNode node, String path, Problems problems) {

    /** The map that this must be. What is not among {@code known} is an error. */
    public Optional<Fields> fields(String... known) {
        if (node instanceof YamlMap map) {
            return Optional.of(new Fields(map, path, problems, known));
        }
        // The type only: a secret may have been written where the reference to it belongs.
        error("found " + node.type() + ", expected a map");
        return Optional.empty();
    }

    /** The string that this must be. */
    public Optional<String> text() {
        if (node instanceof YamlScalar scalar && scalar.isString()) {
            return Optional.of(scalar.text());
        }
        requireText();
        return Optional.empty();
    }

    /** The string that this must be and that keeps {@code rule}, which messages quote. */
    public Optional<String> text(Predicate<String> valid, String rule) {
        Optional<String> text = text();
        boolean good = text.filter(valid).isPresent();
        if (text.isPresent() && !good) {
            expected(rule);
        }
        return good ? text : Optional.empty();
    }

    /** The port, 1 to 65535, that this must be: an integer. */
    public OptionalInt port() {
        return Ports.one(this);
    }

    /** Records an error when this is no string. */
    void requireText() {
        if (!isText()) {
            expected(isScalarValue() ? "a string (put it in quotes)" : "a string");
        }
    }

    boolean isText() {
        return node instanceof YamlScalar scalar && scalar.isString();
    }

    /** Records an error that says what was found and what was expected. */
    public void expected(String expected) {
        error("found " + found() + ", expected " + expected);
    }

    /** What stands under a key of the map that this is; {@code field} is one of its fields. */
    public Element child(YamlMap.Field field) {
        return new Element(field.value(), path + "." + Excerpt.of(field.name()), problems);
    }

    boolean isEmptyList() {
        return node instanceof YamlList list && list.items().isEmpty();
    }

    void warning(String message) {
        problems.warning(node.line(), path, message);
    }

    /** Records an error here. */
    public void error(String message) {
        problems.error(node.line(), path, message);
    }

    private String found() {
        if (isText()) {
            return Excerpt.quoted(((YamlScalar) node).text());
        }
        return isScalarValue() ? Excerpt.of(((YamlScalar) node).text()) : node.type();
    }

    private boolean isScalarValue() {
        return node instanceof YamlScalar scalar && scalar.kind() != YamlScalar.Kind.NULL;
    }
}
