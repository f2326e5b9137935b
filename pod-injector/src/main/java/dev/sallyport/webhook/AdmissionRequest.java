package dev.sallyport.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * The request of an AdmissionReview.
 *
 * @param uid comes back in the answer
 * @param operation {@code CREATE}, {@code UPDATE}, …
 * @param resource {@code pods}, with group and version before it and a subresource after it where there is one
 * @param namespace of the object; empty: none
 * @param name empty: the API server makes one from {@code generateName}
 * @param dryRun nothing will come of it
 * @param object as it would be stored; without fields when there is none
 */
record AdmissionRequest(
        String uid,
        String operation,
        String resource,
        String namespace,
        String name,
        boolean dryRun,
        ObjectNode object) {
    static final String API_VERSION = "admission.k8s.io/v1";
    static final String KIND = "AdmissionReview";

    /** A Pod of a hundred large containers has a quarter of that. A tree takes much more memory than its text. */
    private static final int MOST_TOKENS = 400_000;

    private static final int DEEPEST = 100;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxTokenCount(MOST_TOKENS)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static AdmissionRequest read(byte[] body) throws MalformedReviewException {
        JsonNode review = tree(body);
        expect(review, "apiVersion", API_VERSION);
        expect(review, "kind", KIND);
        if (!(review.get("request") instanceof ObjectNode request)) {
            throw new MalformedReviewException("request: missing, expected an object");
        }
        String uid = request.path("uid").asText("");
        if (uid.isEmpty()) {
            throw new MalformedReviewException("request.uid: missing, expected a string");
        }
        return new AdmissionRequest(
                uid,
                request.path("operation").asText(""),
                resource(request),
                request.path("namespace").asText(""),
                request.path("name").asText(""),
                request.path("dryRun").asBoolean(false),
                request.get("object") instanceof ObjectNode object ? object : JSON.createObjectNode());
    }

    private static JsonNode tree(byte[] body) throws MalformedReviewException {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            JsonLocation place = e.getLocation();
            throw new MalformedReviewException("not the JSON of one AdmissionReview: "
                    + String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("")
                    + (place == null ? "" : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")"));
        } catch (IOException e) {
            throw new MalformedReviewException("not the JSON of one AdmissionReview");
        }
    }

    private static void expect(JsonNode review, String field, String expected) throws MalformedReviewException {
        String found = review.path(field).asText("");
        if (!found.equals(expected)) {
            throw new MalformedReviewException(field + ": found \"" + found.substring(0, Math.min(found.length(), 60))
                    + "\", expected " + expected);
        }
    }

    private static String resource(JsonNode request) {
        JsonNode resource = request.path("resource");
        String group = resource.path("group").asText("");
        String subresource = request.path("subResource").asText("");
        return (group.isEmpty() ? "" : group + "/")
                + resource.path("version").asText("")
                + "/"
                + resource.path("resource").asText("")
                + (subresource.isEmpty() ? "" : "/" + subresource);
    }
}
