package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.source.kubernetes.ApiAnswer;
import dev.sallyport.source.kubernetes.ApiServer;
import java.io.IOException;
import java.time.Duration;

/**
 * Requests about single objects, as JSON trees: server-side apply has to say which fields are empty on purpose, and typed objects leave these out. Nothing is retried: who asks here asks again, with what is wanted then. Thread-safe.
 */
final class ObjectRequests {
    /** Longer than a healthy API server takes, and well within what is left of a lease when it may no longer be written. */
    static final Duration TIMEOUT = Duration.ofSeconds(3);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String APPLY = "application/apply-patch+yaml";
    private static final String MERGE = "application/merge-patch+json";
    private static final String PLAIN = "application/json";

    private final ApiServer server;
    private final WriteListener writes;

    /** Hears what became of each write. Thread-safe. */
    @FunctionalInterface
    interface WriteListener {
        void wrote(ObjectKey.Kind kind, Result result);

        /** What the API server made of it. */
        enum Result {
            DONE,
            REFUSED,
            UNANSWERED
        }
    }

    /** Does not connect yet. */
    ObjectRequests(ApiServer server, WriteListener writes) {
        this.server = server;
        this.writes = writes;
    }

    /** Nobody hears of writes. */
    ObjectRequests(ApiServer server) {
        this(server, (kind, result) -> {});
    }

    ApiAnswer get(ObjectKey key) throws ApiException {
        return send("get", key, "GET", key.path(), PLAIN, "");
    }

    ApiAnswer create(ObjectKey key, JsonNode object) throws ApiException {
        return write("create", key, "POST", key.collectionPath() + "?fieldManager=sallyport", PLAIN, object);
    }

    /**
     * Server-side apply.
     *
     * @param subresource {@code /status}, or empty
     * @param force whether fields of other managers are taken over
     */
    ApiAnswer apply(ObjectKey key, String subresource, JsonNode object, String fieldManager, boolean force)
            throws ApiException {
        String path = key.path() + subresource + "?fieldManager=" + fieldManager + "&force=" + force;
        return write("patch", key, "PATCH", path, APPLY, object);
    }

    ApiAnswer merge(ObjectKey key, JsonNode patch) throws ApiException {
        return write("patch", key, "PATCH", key.path() + "?fieldManager=sallyport", MERGE, patch);
    }

    /** Deletes that very object, and not another that has got its name meanwhile. */
    ApiAnswer delete(ObjectKey key, String uid) throws ApiException {
        JsonNode options = JSON.createObjectNode()
                .put("apiVersion", "v1")
                .put("kind", "DeleteOptions")
                .set("preconditions", JSON.createObjectNode().put("uid", uid));
        return write("delete", key, "DELETE", key.path(), PLAIN, options);
    }

    private ApiAnswer write(String verb, ObjectKey key, String method, String path, String type, JsonNode body)
            throws ApiException {
        WriteListener.Result result = WriteListener.Result.UNANSWERED;
        try {
            ApiAnswer answer = send(verb, key, method, path, type, body.toString());
            result = answer.isGood() ? WriteListener.Result.DONE : WriteListener.Result.REFUSED;
            return answer;
        } finally {
            writes.wrote(key.kind(), result);
        }
    }

    private ApiAnswer send(String verb, ObjectKey key, String method, String path, String type, String body)
            throws ApiException {
        try {
            return server.send(method, path, type, body, TIMEOUT);
        } catch (IOException e) {
            throw new ApiException(verb, key, e.getMessage() == null ? "no answer" : e.getMessage(), e);
        }
    }
}
