package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.policy.PolicyProblem;
import dev.sallyport.policy.PolicyVersion;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads policies as objects by the parser of files, unknown fields included. What the API server and controllers add, and change all the time, is left out. */
final class PolicyReader {
    static final ObjectQuery ALL = ObjectQuery.of("/apis/sallyport.dev/v1alpha1", "egresspolicies");
    private static final Set<String> NOT_OURS = Set.of("metadata", "status");

    /** Empty: it is being deleted, and not in force any more, however long a finalizer keeps it. */
    static Optional<PolicyDocument> read(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        if (metadata.has("deletionTimestamp")) {
            return Optional.empty();
        }
        return Optional.of(document(object, metadata)
                .at(new PolicyVersion(
                        metadata.path("uid").asText(),
                        metadata.path("generation").asLong())));
    }

    private static PolicyDocument document(JsonNode object, JsonNode metadata) {
        String namespace = metadata.path("namespace").asText();
        String name = metadata.path("name").asText();
        String place = "EgressPolicy " + namespace + "/" + name;
        PolicyId id = new PolicyId(namespace, name);
        return PolicyParser.parse(place, text(object, namespace, name)).policies().stream()
                .findFirst()
                .map(document -> named(id, document))
                .orElseGet(() -> unreadable(id, place));
    }

    private static String text(JsonNode object, String namespace, String name) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        // The items of a list need not say it.
        document.put("apiVersion", object.path("apiVersion").asText("sallyport.dev/v1alpha1"));
        document.put("kind", object.path("kind").asText("EgressPolicy"));
        document.putObject("metadata").put("namespace", namespace).put("name", name);
        object.properties().forEach(field -> {
            if (!NOT_OURS.contains(field.getKey())) {
                document.set(field.getKey(), field.getValue());
            }
        });
        return document.toString();
    }

    /** Also one that no workload can be named after stands for itself, and its problems are told. */
    private static PolicyDocument named(PolicyId id, PolicyDocument read) {
        return read.id().isPresent()
                ? read
                : new PolicyDocument(
                        Optional.of(id), Optional.empty(), read.file(), read.line(), read.problems(), read.hostLines());
    }

    private static PolicyDocument unreadable(PolicyId id, String place) {
        PolicyProblem problem = new PolicyProblem(
                PolicyProblem.Severity.ERROR, place, 1, place, "", "cannot be read (expected: an EgressPolicy)");
        return new PolicyDocument(Optional.of(id), Optional.empty(), place, 1, List.of(problem), new TreeMap<>());
    }

    private PolicyReader() {}
}
