package dev.sallyport.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** The texts of AdmissionReviews that answer. Within Kubernetes' limits: longer warnings would be dropped without a word. */
final class AdmissionAnswer {
    private static final int LONGEST_WARNING = 256;
    private static final int MOST_WARNINGS = 16;
    private static final int LONGEST_MESSAGE = 4_000;

    static byte[] allowed(String uid, ArrayNode patch, List<String> warnings) {
        ObjectNode response = response(uid, true);
        if (!patch.isEmpty()) {
            response.put("patchType", "JSONPatch");
            response.put(
                    "patch", Base64.getEncoder().encodeToString(patch.toString().getBytes(StandardCharsets.UTF_8)));
        }
        if (!warnings.isEmpty()) {
            ArrayNode shown = response.putArray("warnings");
            warnings.stream()
                    .limit(MOST_WARNINGS)
                    .map(warning -> shortened(warning, LONGEST_WARNING))
                    .forEach(shown::add);
        }
        return review(response);
    }

    /** {@code code} and {@code reason} as the API server answers with. */
    static byte[] refused(String uid, int code, String reason, String message) {
        ObjectNode response = response(uid, false);
        response.putObject("status")
                .put("code", code)
                .put("message", shortened(message, LONGEST_MESSAGE))
                .put("reason", reason)
                .put("status", "Failure");
        return review(response);
    }

    private static ObjectNode response(String uid, boolean allowed) {
        return JsonNodeFactory.instance.objectNode().put("uid", uid).put("allowed", allowed);
    }

    private static byte[] review(JsonNode response) {
        ObjectNode review = JsonNodeFactory.instance
                .objectNode()
                .put("apiVersion", AdmissionRequest.API_VERSION)
                .put("kind", AdmissionRequest.KIND);
        review.set("response", response);
        return review.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String shortened(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
    }

    private AdmissionAnswer() {}
}
