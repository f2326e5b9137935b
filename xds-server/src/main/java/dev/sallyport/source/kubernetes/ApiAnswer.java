package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.HttpURLConnection;

/**
 * What the API server answered to one request. It does not print its body, which may be a Secret.
 *
 * @param status of HTTP
 * @param body the object, or a {@code Status} that says what is wrong; missing: it was no JSON
 */
public record ApiAnswer(int status, JsonNode body) {
    public boolean isGood() {
        return status >= 200 && status < 300;
    }

    /** There is no such object. */
    public boolean isMissing() {
        return status == HttpURLConnection.HTTP_NOT_FOUND;
    }

    /** Another writer was there, or the object exists already. */
    public boolean isConflict() {
        return status == HttpURLConnection.HTTP_CONFLICT;
    }

    public boolean isForbidden() {
        return status == HttpURLConnection.HTTP_FORBIDDEN;
    }

    /** What the API server gives as the reason. */
    public String message() {
        return isGood() ? "" : body.path("message").asText("no reason given");
    }

    @Override
    public String toString() {
        return "HTTP " + status;
    }
}
