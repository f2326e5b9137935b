package dev.sallyport.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;

/** One line of a sidecar's access log. Null where the line says null. */
record AccessLogLine(JsonNode json) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static AccessLogLine parse(String line) {
        try {
            return new AccessLogLine(JSON.readTree(line));
        } catch (JsonProcessingException e) {
            throw new AssertionError("not a line of the access log: " + line, e);
        }
    }

    @Nullable
    String text(String field) {
        JsonNode value = json.path(field);
        return value.isMissingNode() || value.isNull() ? null : value.asText();
    }

    @Nullable
    String reason() {
        return text("reason");
    }

    int status() {
        return json.path("status").asInt();
    }

    @Override
    public String toString() {
        return json.toString();
    }
}
