package dev.sallyport.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One request after the other, as JSON trees: server-side apply has to say which fields are empty on purpose, and typed objects leave these out. Thread-safe.
 */
final class ApiServer {
    /** Longer than a healthy API server takes, and well within what is left of a lease when it may no longer be written. */
    static final Duration TIMEOUT = Duration.ofSeconds(3);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String APPLY = "application/apply-patch+yaml";
    private static final String MERGE = "application/merge-patch+json";
    private static final String PLAIN = "application/json";

    private final KubernetesClient client;
    private final String url;

    /**
     * Does not connect yet.
     *
     * @param client retries nothing: who asks here asks again, with what is wanted then
     */
    ApiServer(KubernetesClient client) {
        this.client = client;
        this.url = client.getMasterUrl().toString().replaceFirst("/+$", "");
    }

    ApiAnswer get(ObjectKey key) throws ApiException {
        return send("get", key, "GET", key.path(), PLAIN, "");
    }

    ApiAnswer create(ObjectKey key, JsonNode object) throws ApiException {
        return send("create", key, "POST", key.collectionPath() + "?fieldManager=sallyport", PLAIN, object.toString());
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
        return send("patch", key, "PATCH", path, APPLY, object.toString());
    }

    ApiAnswer merge(ObjectKey key, JsonNode patch) throws ApiException {
        return send("patch", key, "PATCH", key.path() + "?fieldManager=sallyport", MERGE, patch.toString());
    }

    /** Deletes that very object, and not another that has got its name meanwhile. */
    ApiAnswer delete(ObjectKey key, String uid) throws ApiException {
        JsonNode options = JSON.createObjectNode()
                .put("apiVersion", "v1")
                .put("kind", "DeleteOptions")
                .set("preconditions", JSON.createObjectNode().put("uid", uid));
        return send("delete", key, "DELETE", key.path(), PLAIN, options.toString());
    }

    private ApiAnswer send(String verb, ObjectKey key, String method, String path, String type, String body)
            throws ApiException {
        HttpClient http = client.getHttpClient();
        var request = http.newHttpRequestBuilder()
                .uri(url + path)
                .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .method(method, type, body.isEmpty() ? null : body)
                .build();
        CompletableFuture<HttpResponse<String>> answer = http.sendAsync(request, String.class);
        try {
            HttpResponse<String> response = answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return new ApiAnswer(response.code(), tree(response.body()));
        } catch (ExecutionException e) {
            throw new ApiException(verb, key, reason(e.getCause() == null ? e : e.getCause()), e);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new ApiException(verb, key, "no answer within " + TIMEOUT.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(verb, key, "interrupted", e);
        }
    }

    private static JsonNode tree(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance(); // from something in between; the status says enough
        }
    }

    private static String reason(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
