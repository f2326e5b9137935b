package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An API server that answers what a test says, in orders that a real one cannot be made to produce. */
final class FakeObjectServer implements ObjectServer {
    private static final ObjectMapper JSON = new ObjectMapper();

    final List<PageRequest> lists = new ArrayList<>();
    final List<FakeWatch> watches = new ArrayList<>();
    Answer answer = request -> page("1");
    /** What watches fail with at once. */
    @Nullable
    ApiFailure watchFailure;

    /** To one list. */
    @FunctionalInterface
    interface Answer {
        /** {@code null}: none at all. */
        @Nullable
        Page to(PageRequest request) throws ApiFailure;
    }

    /** One watch. */
    static final class FakeWatch implements Watching {
        final ObjectQuery query;
        final ResourceVersion from;
        final Duration timeout;
        final Sink sink;
        boolean cancelled;

        private FakeWatch(ObjectQuery query, ResourceVersion from, Duration timeout, Sink sink) {
            this.query = query;
            this.from = from;
            this.timeout = timeout;
            this.sink = sink;
        }

        void tell(String type, JsonNode object) {
            sink.events(List.of(JSON.createObjectNode().put("type", type).set("object", object)), () -> {});
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    @Override
    public CompletableFuture<Page> list(ObjectQuery query, PageRequest request) {
        lists.add(request);
        try {
            Page page = answer.to(request);
            return page == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(page);
        } catch (ApiFailure e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public Watching watch(ObjectQuery query, ResourceVersion from, Duration timeout, Sink sink) {
        FakeWatch watch = new FakeWatch(query, from, timeout, sink);
        watches.add(watch);
        ApiFailure failure = watchFailure;
        if (failure != null) {
            sink.failed(failure);
        }
        return watch;
    }

    /** The newest. */
    FakeWatch watching() {
        return watches.get(watches.size() - 1);
    }

    static Page page(String version, JsonNode... items) {
        return new Page(new ResourceVersion(version), "", List.of(items));
    }

    /** An object with a value, of namespace {@code ns}. */
    static JsonNode object(String name, String uid, String version, String value) {
        return read("""
                {"metadata": {"namespace": "ns", "name": "%s", "uid": "%s", "resourceVersion": "%s"}, "value": "%s"}
                """.formatted(name, uid, version, value));
    }

    static JsonNode bookmark(String version) {
        return read("{\"metadata\": {\"resourceVersion\": \"" + version + "\"}}");
    }

    static JsonNode gone() {
        return read("{\"kind\": \"Status\", \"code\": 410, \"message\": \"too old resource version\"}");
    }

    static ApiFailure failure(int code) {
        return new ApiFailure(code, "status " + code, Duration.ZERO);
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How often a list or a watch was asked for. */
    int requests() {
        return (int) Stream.concat(lists.stream(), watches.stream()).count();
    }
}
