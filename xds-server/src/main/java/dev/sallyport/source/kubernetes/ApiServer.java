package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * An API server by the HTTP client of the Kubernetes client, which knows how to authenticate. It retries nothing, and speaks HTTP/1.1: a watch that hangs takes its own connection with it when it is cancelled, where over HTTP/2
 * every later request would go on waiting on the same dead one. Thread-safe.
 */
public final class ApiServer implements ObjectServer, AutoCloseable {
    private static final int LONGEST_REASON = 300;
    /** The second is what the key set of ServiceAccount tokens comes as, and it comes as nothing else. */
    private static final String ACCEPTED = "application/json, application/jwk-set+json";

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration REQUEST = Duration.ofSeconds(20);

    private final KubernetesClient client;
    private final String url;

    private ApiServer(KubernetesClient client) {
        this.client = client;
        this.url = client.getMasterUrl().toString().replaceAll("/+$", "");
    }

    /** Connects to nothing yet. */
    public static ApiServer of(Config config) {
        Config own = new ConfigBuilder(config)
                .withHttp2Disable(true)
                .withRequestRetryBackoffLimit(0)
                .withConnectionTimeout((int) CONNECT.toMillis())
                .withRequestTimeout((int) REQUEST.toMillis())
                .build();
        return new ApiServer(new KubernetesClientBuilder().withConfig(own).build());
    }

    @Override
    public CompletableFuture<Page> list(ObjectQuery query, PageRequest request) {
        String path = query.path()
                + (request.name().isEmpty()
                        ? "&limit=" + query.page()
                        : "&" + ObjectQuery.fieldSelector(request.name()))
                + (request.continuation().isEmpty() ? "" : "&continue=" + ObjectQuery.encoded(request.continuation()));
        CompletableFuture<HttpResponse<byte[]>> sent = http().sendAsync(get(path, REQUEST), byte[].class);
        CompletableFuture<Page> page = new CompletableFuture<>();
        var unused = sent.whenComplete((reply, error) -> {
            try {
                page.complete(page(answer(reply, error)));
            } catch (ApiFailure e) {
                page.completeExceptionally(e);
            }
        });
        return page;
    }

    private static Page page(JsonNode list) throws ApiFailure {
        JsonNode metadata = list.path("metadata");
        Optional<ResourceVersion> version =
                ResourceVersion.parse(metadata.path("resourceVersion").asText());
        if (version.isEmpty()
                || !(list.path("items").isArray() || list.path("items").isNull())) {
            throw ApiFailure.noAnswer("the answer is no list with a numeric metadata.resourceVersion");
        }
        List<JsonNode> items = new ArrayList<>();
        list.path("items").forEach(items::add);
        return new Page(version.get(), metadata.path("continue").asText(""), items);
    }

    @Override
    public Watching watch(ObjectQuery query, ResourceVersion from, Duration timeout, Sink sink) {
        String path = query.path() + "&watch=1&allowWatchBookmarks=true&resourceVersion=" + from + "&timeoutSeconds="
                + timeout.toSeconds();
        WatchStream stream = new WatchStream(sink);
        stream.start(http(), get(path, timeout));
        return stream;
    }

    /**
     * Reads one document.
     *
     * @param path such as {@code /openid/v1/jwks}
     * @throws IOException when there is no answer of status 200; its message is for people
     */
    public String read(String path, Duration timeout) throws IOException {
        HttpResponse<byte[]> reply = await(http().sendAsync(get(path, timeout), byte[].class), timeout);
        JsonNode document = answer(reply, null);
        return document.toString();
    }

    /**
     * Creates an object that is only an answer, such as a review.
     *
     * @throws IOException when it was not created; its message is for people and holds nothing of {@code body}, nor of what was answered
     */
    public JsonNode create(String path, JsonNode body, Duration timeout) throws IOException {
        HttpResponse<byte[]> reply = exchange("POST", path, "application/json", body.toString(), timeout);
        if (!reply.isSuccessful()) {
            throw new ApiFailure(reply.code(), "it answers with status " + reply.code(), Duration.ZERO);
        }
        return answer(reply, null);
    }

    /**
     * Sends one request about one object, and gives whatever is answered.
     *
     * @param body empty: none
     * @throws IOException when there is no answer; its message is for people and holds nothing of {@code body}
     */
    public ApiAnswer send(String method, String path, String contentType, String body, Duration timeout)
            throws IOException {
        HttpResponse<byte[]> reply = exchange(method, path, contentType, body, timeout);
        return new ApiAnswer(reply.code(), treeOrNothing(reply.body()));
    }

    private HttpResponse<byte[]> exchange(String method, String path, String contentType, String body, Duration timeout)
            throws ApiFailure {
        HttpRequest request = http().newHttpRequestBuilder()
                .uri(url + path)
                .method(method, contentType, body.isEmpty() ? null : body)
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .build();
        return await(http().sendAsync(request, byte[].class), timeout);
    }

    private static HttpResponse<byte[]> await(CompletableFuture<HttpResponse<byte[]>> reply, Duration timeout)
            throws ApiFailure {
        try {
            return reply.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (TimeoutException e) {
            reply.cancel(true);
            throw ApiFailure.noAnswer("no answer within " + timeout.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiFailure.noAnswer("interrupted");
        }
    }

    private HttpClient http() {
        return client.getHttpClient();
    }

    /** {@code timeout}: until the answer begins. */
    private HttpRequest get(String path, Duration timeout) {
        return http().newHttpRequestBuilder()
                .uri(url + path)
                .header("Accept", ACCEPTED)
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .build();
    }

    private static JsonNode answer(HttpResponse<byte[]> reply, @Nullable Throwable error) throws ApiFailure {
        if (error != null) {
            throw failure(error);
        }
        if (reply.code() == HttpURLConnection.HTTP_OK || reply.code() == HttpURLConnection.HTTP_CREATED) {
            return JsonLines.parse(reply.body());
        }
        throw refusal(reply, reply.body());
    }

    /** What a status other than 200 says. */
    static ApiFailure refusal(HttpResponse<?> reply, byte[] body) {
        JsonNode status = treeOrNothing(body);
        String reason = status.path("message").asText("status " + reply.code()).replaceAll("\\s+", " ");
        return new ApiFailure(
                reply.code(), reason.substring(0, Math.min(reason.length(), LONGEST_REASON)), retryAfter(reply));
    }

    /** What stands between may answer with something else; the status says enough then. */
    private static JsonNode treeOrNothing(byte[] body) {
        try {
            return JsonLines.parse(body);
        } catch (ApiFailure e) {
            return MissingNode.getInstance();
        }
    }

    private static Duration retryAfter(HttpResponse<?> reply) {
        return reply.headers("Retry-After").stream()
                .filter(seconds -> seconds.matches("[0-9]{1,4}"))
                .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                .findFirst()
                .orElse(Duration.ZERO);
    }

    /** Never quotes more than the kind of a failure: texts of the HTTP client differ from one time to the next. */
    static ApiFailure failure(Throwable error) {
        Throwable cause = error;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof ApiFailure known
                ? known
                : ApiFailure.noAnswer("no answer (" + cause.getClass().getSimpleName() + ")");
    }

    /** Ends everything that runs over it. */
    @Override
    public void close() {
        client.close();
    }
}
