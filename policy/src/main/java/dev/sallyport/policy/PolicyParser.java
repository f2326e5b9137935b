package dev.sallyport.policy;

import dev.sallyport.policy.yaml.YamlDefect;
import dev.sallyport.policy.yaml.YamlDocument;
import dev.sallyport.policy.yaml.YamlReader;
import java.util.ArrayList;
import java.util.List;

/** Reads policies, strictly: what has no meaning, or two, is an error. Thread-safe: has no state. */
public final class PolicyParser {
    private PolicyParser() {}

    /**
     * Everything that {@code yaml} holds. Never throws: what is wrong is in the problems, all of it at once.
     *
     * @param file how the file is named in problems
     * @param yaml any number of YAML or JSON documents
     */
    public static ParsedFile parse(String file, String yaml) {
        List<PolicyDocument> policies = new ArrayList<>();
        List<YamlDocument> others = new ArrayList<>();
        Problems problems = new Problems(file, "document");
        for (YamlDocument document : YamlReader.read(file, yaml)) {
            if (isMeantAsPolicy(document)) {
                policies.add(new PolicyDocumentReader(document).read());
            } else if (isSound(document, problems)) {
                others.add(document);
            }
        }
        return new ParsedFile(policies, others, problems.sorted());
    }

    /** A document of the product's group, or of nearly its kind: taken for anything else, it would be one policy less, and nobody told. */
    private static boolean isMeantAsPolicy(YamlDocument document) {
        String apiVersion = document.apiVersion();
        return apiVersion.equals(PolicyDocumentReader.GROUP)
                || apiVersion.startsWith(PolicyDocumentReader.GROUP + "/")
                || document.kind().equals("EgressPolicies")
                || NearName.distance(document.kind(), PolicyDocumentReader.KIND) <= 1;
    }

    private static boolean isSound(YamlDocument document, Problems problems) {
        Problems own = problems.of(document.object());
        for (YamlDefect defect : document.defects()) {
            own.error(defect.line(), defect.path(), defect.message());
        }
        boolean nameless = document.defects().isEmpty() && document.kind().isEmpty();
        if (nameless) {
            own.error(document.line(), "kind", "missing, expected the kind of an object, such as EgressPolicy");
        }
        return document.defects().isEmpty() && !nameless;
    }
}
