package dev.sallyport.source.file;

import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.yaml.Excerpt;
import dev.sallyport.policy.yaml.YamlDocument;
import dev.sallyport.policy.yaml.YamlMap;
import dev.sallyport.policy.yaml.YamlNode;
import dev.sallyport.policy.yaml.YamlScalar;
import dev.sallyport.source.file.Manifests.Manifest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The fields of one Secret or ConfigMap manifest, and what is wrong with them. Never puts a value into a message. */
final class ManifestFields {
    /** ObjectMeta: what {@code kubectl get -o yaml} prints is read as well. */
    private static final Set<String> METADATA_FIELDS = Set.of(
            "name",
            "namespace",
            "labels",
            "annotations",
            "creationTimestamp",
            "deletionGracePeriodSeconds",
            "deletionTimestamp",
            "finalizers",
            "generation",
            "managedFields",
            "ownerReferences",
            "resourceVersion",
            "selfLink",
            "uid");

    private final YamlDocument document;
    private final List<PolicyProblem> problems = new ArrayList<>();

    ManifestFields(YamlDocument document, Set<String> known) {
        this.document = document;
        document.defects().forEach(defect -> error(defect.line(), defect.path(), defect.message()));
        refuseUnknown(document.root(), "", known);
        document.root().get("metadata").ifPresent(metadata -> {
            if (metadata instanceof YamlMap map) {
                refuseUnknown(map, "metadata.", METADATA_FIELDS);
            } else {
                error(metadata.line(), "metadata", "found " + metadata.type() + ", expected a map");
            }
        });
    }

    private void refuseUnknown(YamlMap map, String prefix, Set<String> known) {
        for (YamlMap.Field field : map.fields()) {
            if (!known.contains(field.name())) {
                error(
                        field.line(),
                        prefix + Excerpt.of(field.name()),
                        "unknown field (expected one of: "
                                + String.join(", ", known.stream().sorted().toList()) + ")");
            }
        }
    }

    /** {@code NAMESPACE/NAME}; empty, and an error, when one of them is missing or not valid. */
    Optional<String> id() {
        Optional<String> name = document.name();
        Optional<String> namespace = document.namespace();
        if (name.isEmpty()) {
            error("metadata.name", "missing, or no string");
        } else if (!ObjectNames.isName(name.get())) {
            error("metadata.name", Excerpt.quoted(name.get()) + " (expected: " + ObjectNames.EXPECTED_NAME + ")");
        }
        if (namespace.isEmpty() || !ObjectNames.isNamespace(namespace.get())) {
            error(
                    "metadata.namespace",
                    "no valid namespace (expected: lower-case letters, digits and '-', at most 63)");
        }
        return name.filter(ObjectNames::isName)
                .flatMap(valid -> namespace.filter(ObjectNames::isNamespace).map(space -> space + "/" + valid));
    }

    /** The annotation of that name; empty, and an error when it is there, where it is no string. */
    Optional<String> annotation(String name) {
        Optional<YamlNode> annotations =
                document.root().map("metadata").flatMap(metadata -> metadata.get("annotations"));
        if (annotations.isPresent() && !(annotations.get() instanceof YamlMap)) {
            error(
                    annotations.get().line(),
                    "metadata.annotations",
                    "found " + annotations.get().type() + ", expected a map");
            return Optional.empty();
        }
        Optional<YamlNode> value = annotations.map(YamlMap.class::cast).flatMap(map -> map.get(name));
        if (value.isPresent() && !(value.get() instanceof YamlScalar scalar && scalar.isString())) {
            error(
                    value.get().line(),
                    "metadata.annotations." + name,
                    "found " + value.get().type() + ", expected a string (in quotes)");
            return Optional.empty();
        }
        return value.map(node -> ((YamlScalar) node).text());
    }

    /** The strings of a map by key. */
    SortedMap<String, String> strings(String field) {
        SortedMap<String, String> strings = new TreeMap<>();
        for (YamlMap.Field entry : entries(field)) {
            String path = field + "." + Excerpt.of(entry.name());
            if (!ObjectNames.isKey(entry.name())) {
                error(entry.line(), path, "no valid key (expected: " + ObjectNames.EXPECTED_KEY + ")");
            } else if (entry.value() instanceof YamlScalar scalar && scalar.isString()) {
                strings.put(entry.name(), scalar.text());
            } else {
                error(entry.line(), path, "found " + entry.value().type() + ", expected a string (in quotes)");
            }
        }
        return strings;
    }

    /** The bytes of a map's base64 strings by key. */
    SortedMap<String, byte[]> base64(String field) {
        SortedMap<String, byte[]> decoded = new TreeMap<>();
        strings(field).forEach((key, text) -> {
            String base64 = text.replace("\n", "").replace("\r", "");
            try {
                if (base64.length() % 4 != 0) {
                    throw new IllegalArgumentException("padding");
                }
                decoded.put(key, Base64.getDecoder().decode(base64));
            } catch (IllegalArgumentException e) {
                error(field + "." + key, "not base64 (use stringData for plain text)");
            }
        });
        return decoded;
    }

    private List<YamlMap.Field> entries(String field) {
        Optional<YamlNode> node = document.root().get(field);
        if (node.isEmpty() || node.get() instanceof YamlScalar scalar && scalar.kind() == YamlScalar.Kind.NULL) {
            return List.of();
        }
        if (node.get() instanceof YamlMap map) {
            return map.fields();
        }
        error(node.get().line(), field, "found " + node.get().type() + ", expected a map of keys to strings");
        return List.of();
    }

    void expectString(String field) {
        expect(field, YamlScalar.Kind.STRING, "a string");
    }

    void expectBoolean(String field) {
        expect(field, YamlScalar.Kind.BOOLEAN, "true or false");
    }

    private void expect(String field, YamlScalar.Kind kind, String expected) {
        document.root().get(field).ifPresent(node -> {
            if (!(node instanceof YamlScalar scalar) || scalar.kind() != kind) {
                error(node.line(), field, "found " + node.type() + ", expected " + expected);
            }
        });
    }

    void error(String path, String message) {
        error(document.line(), path, message);
    }

    private void error(int line, String path, String message) {
        problems.add(new PolicyProblem(
                PolicyProblem.Severity.ERROR, document.file(), line, document.object(), path, message));
    }

    boolean clean() {
        return problems.isEmpty();
    }

    String brokenReason() {
        return "its manifest in " + document.file() + ":" + document.line() + " has errors";
    }

    List<PolicyProblem> problems() {
        return problems;
    }

    <T> Manifest<T> manifest(String id, T content) {
        return new Manifest<>(document.kind(), id, document.file(), document.line(), content);
    }
}
