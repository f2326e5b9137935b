package dev.sallyport.policy;

import dev.sallyport.policy.yaml.YamlMap;
import java.util.Optional;

/** Reads {@code metadata}. What an API server sets is accepted and ignored, so that the output of {@code kubectl get -o yaml} can be checked. */
final class Metadata {
    private static final String DEFAULT_NAMESPACE = "default";
    private static final String[] FIELDS = {
        "name",
        "namespace",
        "labels",
        "annotations",
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generateName",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid"
    };

    private Metadata() {}

    /** The id that the document names; empty, with an error, when it names none. */
    static Optional<PolicyId> read(Fields document) {
        return document.required("metadata", "a map with the name of the policy")
                .flatMap(element -> element.fields(FIELDS))
                .flatMap(Metadata::id);
    }

    private static Optional<PolicyId> id(Fields metadata) {
        strings(metadata, "labels");
        strings(metadata, "annotations");
        Optional<String> name = metadata.required("name", DnsNames.LABEL_RULE).flatMap(Metadata::label);
        Optional<String> namespace = metadata.has("namespace")
                ? metadata.element("namespace").flatMap(Metadata::label)
                : Optional.of(DEFAULT_NAMESPACE);
        return name.flatMap(n -> namespace.map(ns -> new PolicyId(ns, n)));
    }

    private static Optional<String> label(Element element) {
        return element.text(DnsNames::isLabel, DnsNames.LABEL_RULE);
    }

    private static void strings(Fields metadata, String field) {
        metadata.element(field).ifPresent(element -> {
            if (element.node() instanceof YamlMap map) {
                map.fields().forEach(entry -> element.child(entry).requireText());
            } else {
                element.expected("a map of strings");
            }
        });
    }
}
