package dev.sallyport.policy.yaml;

import java.util.List;
import java.util.Optional;

/**
 * One document of a file: a Kubernetes object, as far as it could be read.
 *
 * @param file as it was named
 * @param line of the first line of its content, from 1
 * @param root empty when the document is no mapping; what stands before the place where a syntax error ended it
 * @param complete false when a syntax error or a bound ended the document early, so that what it lacks says nothing
 * @param defects what is wrong with the YAML, in the order of lines; a document with defects must not be put in force
 */
public record YamlDocument(String file, int line, YamlMap root, boolean complete, List<YamlDefect> defects) {
    private static final String DEFAULT_NAMESPACE = "default";

    public YamlDocument {
        defects = List.copyOf(defects);
    }

    /** {@code apiVersion}; empty text when it is absent or no string. */
    public String apiVersion() {
        return root.string("apiVersion").orElse("");
    }

    /** {@code kind}; empty text when it is absent or no string. */
    public String kind() {
        return root.string("kind").orElse("");
    }

    /** {@code metadata.name}; empty when it is absent or no string. Not validated. */
    public Optional<String> name() {
        return root.map("metadata").flatMap(metadata -> metadata.string("name"));
    }

    /** {@code metadata.namespace}, {@code default} when it is absent, as kubectl has it; empty when it is there and no string. Not validated. */
    public Optional<String> namespace() {
        Optional<YamlMap> metadata = root.map("metadata");
        boolean absent = metadata.flatMap(map -> map.get("namespace")).isEmpty();
        return absent ? Optional.of(DEFAULT_NAMESPACE) : metadata.flatMap(map -> map.string("namespace"));
    }

    /** {@code KIND NAMESPACE/NAME} for messages, with {@code ?} for what is not known. */
    public String object() {
        if (kind().isEmpty() && name().isEmpty()) {
            return "document";
        }
        String kind = kind().isEmpty() ? "?" : kind();
        return Excerpt.of(kind + " " + namespace().orElse("?") + "/" + name().orElse("?"));
    }
}
