package dev.sallyport.settings;

import dev.sallyport.policy.DnsNames;
import dev.sallyport.policy.Element;
import dev.sallyport.policy.yaml.YamlMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads a map of labels that Pods carry. */
final class PodLabels {
    private static final String RULE = "a map of at least one label and its value";
    private static final String NAME_RULE =
            "a label: NAME or PREFIX/NAME, with a name of at most 63 letters, digits, -, _ and .";
    private static final String VALUE_RULE =
            "the value of a label: at most 63 letters, digits, -, _ and ., with a letter or digit at both ends";
    private static final Pattern WORD = Pattern.compile("[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?");

    private PodLabels() {}

    static Optional<SortedMap<String, String>> read(Element element) {
        if (!(element.node() instanceof YamlMap map) || map.fields().isEmpty()) {
            // None would select every Pod of the namespace.
            element.error("found "
                    + (element.node() instanceof YamlMap
                            ? "none"
                            : element.node().type()) + ", expected " + RULE);
            return Optional.empty();
        }
        SortedMap<String, String> labels = new TreeMap<>();
        for (YamlMap.Field field : map.fields()) {
            Element value = element.child(field);
            if (!isName(field.name())) {
                value.error("found a key that is no label, expected " + NAME_RULE);
            }
            value.text(text -> text.isEmpty() || WORD.matcher(text).matches(), VALUE_RULE)
                    .ifPresent(text -> labels.put(field.name(), text));
        }
        return Optional.of(labels);
    }

    private static boolean isName(String text) {
        int slash = text.indexOf('/');
        return WORD.matcher(text.substring(slash + 1)).matches()
                && (slash < 0 || DnsNames.isSubdomain(text.substring(0, slash)));
    }
}
