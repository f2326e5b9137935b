package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** List and watch of an API server, and nothing of what may go wrong hidden: no retries, no reconnects. Calls return at once. Thread-safe. */
interface ObjectServer {
    /**
     * Reads one page.
     *
     * @return fails with an {@link ApiFailure}
     */
    CompletableFuture<Page> list(ObjectQuery query, PageRequest request);

    /** Watches what happens after {@code from}, bookmarks included, until the server ends it after {@code timeout} or somebody cancels it. */
    Watching watch(ObjectQuery query, ResourceVersion from, Duration timeout, Sink sink);

    /**
     * Which page.
     *
     * @param continuation of the page before; empty: the first
     * @param name of the only object to list; empty: all
     */
    record PageRequest(String continuation, String name) {
        static final PageRequest FIRST = new PageRequest("", "");

        static PageRequest after(String continuation) {
            return new PageRequest(continuation, "");
        }

        static PageRequest only(String name) {
            return new PageRequest("", name);
        }
    }

    /**
     * Some of the objects.
     *
     * @param version of all pages of the list together
     * @param continuation empty: this is the last
     */
    record Page(ResourceVersion version, String continuation, List<JsonNode> items) {}

    /** Where a watch tells, from any thread. */
    interface Sink {
        /** Events in their order. No more come before {@code more} is run. */
        void events(List<JsonNode> events, Runnable more);

        /** The server has ended it, as agreed. */
        void ended();

        void failed(ApiFailure failure);
    }

    /** A watch that runs. */
    @FunctionalInterface
    interface Watching {
        /** Ends it; what it still tells is of no interest. */
        void cancel();
    }
}
