package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.HttpURLConnection;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The body of one watch, piece by piece: the next is asked for when the one before was taken. Thread-safe. */
final class WatchStream implements ObjectServer.Watching {
    private final ObjectServer.Sink sink;
    private final JsonLines lines = new JsonLines();
    private @Nullable CompletableFuture<?> request;
    private @Nullable AsyncBody body;
    private boolean cancelled;

    WatchStream(ObjectServer.Sink sink) {
        this.sink = sink;
    }

    void start(HttpClient http, HttpRequest get) {
        CompletableFuture<HttpResponse<AsyncBody>> sent = http.consumeBytes(get, this::taken);
        synchronized (this) {
            request = sent;
        }
        var unused = sent.whenComplete(this::begun);
    }

    private void begun(@Nullable HttpResponse<AsyncBody> reply, @Nullable Throwable error) {
        if (reply == null) {
            sink.failed(error == null ? ApiFailure.noAnswer("no answer") : ApiServer.failure(error));
            return;
        }
        if (!keep(reply.body())) {
            return;
        }
        if (reply.code() != HttpURLConnection.HTTP_OK) {
            reply.body().cancel();
            sink.failed(ApiServer.refusal(reply, new byte[0]));
            return;
        }
        var unused = reply.body().done().whenComplete((nothing, failure) -> {
            if (failure == null) {
                sink.ended();
            } else {
                sink.failed(ApiServer.failure(failure));
            }
        });
        reply.body().consume();
    }

    /** False: nobody waits for it any more. */
    private synchronized boolean keep(AsyncBody begun) {
        body = begun;
        if (cancelled) {
            begun.cancel();
        }
        return !cancelled;
    }

    private void taken(List<ByteBuffer> pieces, AsyncBody from) throws ApiFailure {
        List<JsonNode> events = lines.add(pieces);
        if (events.isEmpty()) {
            from.consume();
        } else {
            sink.events(events, from::consume);
        }
    }

    @Override
    public synchronized void cancel() {
        cancelled = true;
        if (body != null) {
            body.cancel();
        } else if (request != null) {
            request.cancel(true);
        }
    }
}
