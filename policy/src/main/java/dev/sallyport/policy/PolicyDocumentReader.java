package dev.sallyport.policy;

import dev.sallyport.policy.yaml.Excerpt;
import dev.sallyport.policy.yaml.YamlDefect;
import dev.sallyport.policy.yaml.YamlDocument;
import java.util.Optional;
import java.util.TreeMap;

/** Reads one document that is meant to be an {@code EgressPolicy}. */
final class PolicyDocumentReader {
    static final String GROUP = "sallyport.dev";
    static final String API_VERSION = GROUP + "/v1alpha1";
    static final String KIND = "EgressPolicy";

    private final YamlDocument document;
    private final Problems problems;

    PolicyDocumentReader(YamlDocument document) {
        this.document = document;
        this.problems = new Problems(document.file(), object(document));
    }

    private static String object(YamlDocument document) {
        return Excerpt.of(KIND + " " + document.namespace().orElse("?") + "/"
                + document.name().orElse("?"));
    }

    PolicyDocument read() {
        for (YamlDefect defect : document.defects()) {
            problems.error(defect.line(), defect.path(), defect.message());
        }
        if (!document.complete()) {
            return brokenOff();
        }
        Fields fields = new Fields(document.root(), "", problems, "apiVersion", "kind", "metadata", "spec", "status");
        mustBe(fields, "apiVersion", API_VERSION);
        mustBe(fields, "kind", KIND);
        Optional<PolicyId> id = Metadata.read(fields);
        Optional<SpecReader> spec = fields.required("spec", "a map")
                .flatMap(element -> element.fields(SpecReader.FIELDS))
                .map(SpecReader::new);
        // Read even without an id, so that all errors are told at once.
        Optional<EgressPolicy> policy = spec.map(reader -> reader.policy(id.orElse(new PolicyId("?", "?"))));
        return new PolicyDocument(
                id,
                policy.filter(read -> problems.noErrors()),
                document.file(),
                document.line(),
                problems.sorted(),
                spec.map(reader -> reader.hosts().lines()).orElseGet(TreeMap::new));
    }

    /** A document that a syntax error cut off still says whom it was for, when that came first. */
    private PolicyDocument brokenOff() {
        Optional<PolicyId> id = document.name()
                .filter(DnsNames::isLabel)
                .flatMap(name -> document.namespace().filter(DnsNames::isLabel).map(ns -> new PolicyId(ns, name)));
        return new PolicyDocument(
                id, Optional.empty(), document.file(), document.line(), problems.sorted(), new TreeMap<>());
    }

    private static void mustBe(Fields fields, String field, String expected) {
        fields.required(field, expected).ifPresent(element -> element.text(expected::equals, expected));
    }
}
