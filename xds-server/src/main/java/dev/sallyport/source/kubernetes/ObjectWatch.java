package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.source.kubernetes.EventLoop.Timer;
import dev.sallyport.source.kubernetes.ObjectServer.Page;
import dev.sallyport.source.kubernetes.ObjectServer.PageRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Keeps a copy of some objects up to date by a list and then watches, one after the other. The copy never goes back in time, and every watch ends soon enough to find out that the server has become silent. For the loop's thread.
 */
final class ObjectWatch<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectWatch.class);

    /** A server that ends watches sooner, with nothing in them, is not well. */
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private final ObjectQuery query;
    private final ObjectServer server;
    private final EventLoop loop;
    private final WatchSettings settings;
    private final ObjectListener<T> listener;
    private final SourceHealth health;
    private final HeldObjects<T> held;
    private final Reading<T> reading;
    private final Difficulty difficulty;

    /** Grows with each attempt: whoever answers an earlier one is not heard. */
    private long attempt;

    private Runnable cancel = () -> {};
    private Timer deadline = () -> {};
    private boolean synced;
    private boolean closed;
    private Instant watchBegan = Instant.EPOCH;

    /** What every watch of a source shares. */
    record Services(ObjectServer server, EventLoop loop, WatchSettings settings, SourceHealth health) {}

    /** {@code reduce} keeps of an object what is of interest; empty: nothing, and it is not held at all. */
    ObjectWatch(
            ObjectQuery query, Services services, Function<JsonNode, Optional<T>> reduce, ObjectListener<T> listener) {
        this.query = query;
        this.server = services.server();
        this.loop = services.loop();
        this.settings = services.settings();
        this.health = services.health();
        this.listener = listener;
        this.reading = new Reading<>(query, reduce);
        this.held = new HeldObjects<>(listener);
        this.difficulty = new Difficulty(query, settings);
    }

    void start() {
        health.begins(this, query);
        list();
    }

    /** Whether everything was listed once. */
    boolean isSynced() {
        return synced;
    }

    Optional<Trouble> trouble() {
        return difficulty.trouble();
    }

    HeldObjects<T> held() {
        return held;
    }

    private void list() {
        page(begin(settings.list()), PageRequest.FIRST, new Listing<>());
    }

    private void page(long mine, PageRequest request, Listing<T> listing) {
        CompletableFuture<Page> answer = server.list(query, request);
        cancel = () -> answer.cancel(true);
        var unused = answer.whenComplete((page, error) -> loop.execute(() -> {
            if (mine != attempt) {
                return;
            }
            if (page == null) {
                failed("list", ApiServer.failure(error), this::list);
            } else {
                listed(mine, page, listing);
            }
        }));
    }

    private void listed(long mine, Page page, Listing<T> listing) {
        try {
            listing.add(page, reading);
            if (page.continuation().isEmpty()) {
                accept(listing);
            } else {
                renewDeadline(mine, settings.list());
                page(mine, PageRequest.after(page.continuation()), listing);
            }
        } catch (ApiFailure e) {
            failed("list", e, this::list);
        }
    }

    private void accept(Listing<T> listing) throws ApiFailure {
        held.replace(listing);
        listener.told(held.seen());
        end();
        synced = true;
        health.listed(this);
        tellTrouble(() -> difficulty.listWorks(loop.now()));
        held.fetchAgain(this::fetch);
        watch();
        listener.synced();
    }

    private void watch() {
        long mine = begin(settings.watch().plus(settings.grace()));
        watchBegan = loop.now();
        ObjectServer.Watching watching = server.watch(query, held.seen(), settings.watch(), new Events(mine));
        cancel = watching::cancel;
    }

    /** Tells of one watch. */
    private final class Events implements ObjectServer.Sink {
        private final long mine;

        Events(long mine) {
            this.mine = mine;
        }

        @Override
        public void events(List<JsonNode> events, Runnable more) {
            loop.execute(() -> {
                if (mine == attempt) {
                    take(events);
                    // What they cost was paid; the next may come.
                    more.run();
                }
            });
        }

        @Override
        public void ended() {
            ifMine(ObjectWatch.this::watchEnded);
        }

        @Override
        public void failed(ApiFailure failure) {
            ifMine(() -> ObjectWatch.this.failed("watch", failure, again(failure)));
        }

        private void ifMine(Runnable task) {
            loop.execute(() -> {
                if (mine == attempt) {
                    task.run();
                }
            });
        }
    }

    private void take(List<JsonNode> events) {
        long mine = attempt;
        for (JsonNode event : events) {
            try {
                take(event);
            } catch (ApiFailure e) {
                failed("watch", e, again(e));
            }
            if (mine != attempt) {
                return;
            }
        }
    }

    private void take(JsonNode event) throws ApiFailure {
        JsonNode object = event.path("object");
        String type = event.path("type").asText();
        switch (type) {
            case "BOOKMARK" -> held.bookmark(reading.version(object));
            case "ADDED", "MODIFIED" -> held.put(reading.object(object));
            case "DELETED" -> held.put(reading.object(object).gone());
            case "ERROR" ->
                throw new ApiFailure(
                        object.path("code").asInt(ApiFailure.NO_ANSWER),
                        object.path("message").asText("an error without a message"),
                        Duration.ZERO);
            default -> throw ApiFailure.noAnswer("an event of an unknown type");
        }
        listener.told(held.seen());
        health.heard(this);
        allWell();
    }

    /** A version that is gone, or one that does not follow, cannot be watched on from. */
    private Runnable again(ApiFailure failure) {
        return failure.code() == ApiFailure.GONE || failure instanceof BackInTime ? this::list : this::watch;
    }

    private void watchEnded() {
        if (Duration.between(watchBegan, loop.now()).compareTo(SHORTEST) < 0) {
            failed("watch", ApiFailure.noAnswer("watches end at once"), this::watch);
        } else {
            // Nor must there be a bookmark: an API server sends none before the first event of a kind since its start.
            health.heard(this);
            allWell();
            watch();
        }
    }

    /**
     * Looks at one object by name, because more of it has become of interest than was kept. Before the first list is through, right after it. Only where the query has a namespace and no name.
     *
     * @see #isFetching
     */
    void fetch(String name) {
        HeldObjects.Fetch fetch = held.beginFetch(name);
        if (synced && !closed) {
            fetch(fetch, 1);
        }
    }

    /** Whether the answer of a {@link #fetch} is still to come. */
    boolean isFetching(String name) {
        return held.isFetching(name);
    }

    private void fetch(HeldObjects.Fetch fetch, int tried) {
        var unused = server.list(query, PageRequest.only(fetch.name()))
                .orTimeout(settings.list().toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((page, error) -> loop.execute(() -> fetched(fetch, page, error, tried)));
    }

    private void fetched(HeldObjects.Fetch fetch, @Nullable Page page, @Nullable Throwable error, int tried) {
        if (closed || !held.isCurrent(fetch)) {
            return;
        }
        try {
            if (page == null) {
                throw error == null ? ApiFailure.noAnswer("no answer") : ApiServer.failure(error);
            }
            Listing<T> only = new Listing<>();
            only.add(page, reading);
            held.fetched(fetch, query.namespace(), only);
            listener.synced();
        } catch (ApiFailure e) {
            LOG.info("cannot read {} {}: {}", query, fetch.name(), e.getMessage());
            loop.after(settings.backoff().delay(tried, e.retryAfter()), () -> {
                if (!closed && held.isCurrent(fetch)) {
                    fetch(fetch, tried + 1);
                }
            });
        }
    }

    private long begin(Duration patience) {
        end();
        renewDeadline(attempt, patience);
        return attempt;
    }

    private void renewDeadline(long mine, Duration patience) {
        deadline.cancel();
        deadline = loop.after(patience, () -> {
            if (mine == attempt) {
                failed(
                        synced ? "watch" : "list",
                        ApiFailure.noAnswer("no answer within " + patience.toSeconds() + " s"),
                        this::list);
            }
        });
    }

    private void end() {
        attempt++;
        deadline.cancel();
        Runnable running = cancel;
        cancel = () -> {};
        running.run();
    }

    private void failed(String verb, ApiFailure failure, Runnable next) {
        end();
        health.failed(this, failure);
        Optional<Trouble> before = difficulty.trouble();
        Duration delay = difficulty.add(verb, failure, loop.now(), synced);
        LOG.atLevel(difficulty.isNew() ? Level.INFO : Level.DEBUG)
                .log("cannot {} {}: {}; again in {} ms", verb, query, failure.getMessage(), delay.toMillis());
        long mine = attempt;
        deadline = loop.after(delay, () -> {
            if (mine == attempt) {
                next.run();
            }
        });
        tellTrouble(before);
    }

    private void allWell() {
        tellTrouble(difficulty::clear);
    }

    private void tellTrouble(Runnable change) {
        Optional<Trouble> before = difficulty.trouble();
        change.run();
        tellTrouble(before);
    }

    private void tellTrouble(Optional<Trouble> before) {
        if (!before.equals(difficulty.trouble())) {
            health.trouble(this, difficulty.trouble());
            listener.trouble(difficulty.trouble());
        }
    }

    /** The listener hears nothing any more. */
    @Override
    public void close() {
        closed = true;
        end();
        health.ends(this);
    }
}
