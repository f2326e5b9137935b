package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What the API server answered. It does not print its body, which may be a Secret.
 *
 * @param status of HTTP
 * @param body the object, or a {@code Status} that says what is wrong
 */
record ApiAnswer(int status, JsonNode body) {
    static final int NOT_FOUND = 404;
    static final int CONFLICT = 409;

    boolean isGood() {
        return status >= 200 && status < 300;
    }

    boolean isMissing() {
        return status == NOT_FOUND;
    }

    /** What the API server gives as the reason. */
    String message() {
        return isGood() ? "" : body.path("message").asText("no reason given");
    }

    @Override
    public String toString() {
        return "HTTP " + status;
    }
}
