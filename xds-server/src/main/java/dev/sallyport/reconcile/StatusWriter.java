package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.source.kubernetes.ApiAnswer;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Writes policies' status: when it is another than the one that is there, and at most once a second for each policy. Thread-safe, for different policies at a time. */
final class StatusWriter {
    /** Between two writes of one policy's status. */
    static final Duration PACE = Duration.ofSeconds(1);

    private static final String FIELD_MANAGER = "sallyport-status";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectRequests api;
    private final LiveObjects live;
    private final BooleanSupplier mayWrite;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Backoff backoff;
    private final ConcurrentMap<ObjectKey, Long> written = new ConcurrentHashMap<>();

    /**
     * Does not connect yet.
     *
     * @param clock dates conditions
     * @param nanoTime a clock that only goes on
     */
    StatusWriter(ObjectRequests api, LiveObjects live, BooleanSupplier mayWrite, Clock clock, LongSupplier nanoTime) {
        this.api = api;
        this.live = live;
        this.mayWrite = mayWrite;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.backoff = new Backoff(nanoTime);
    }

    /** Writes what that object's status should be; its conditions are dated here. Nothing is written to another object that has got its name meanwhile. */
    Outcome write(PolicyObject object, PolicyStatus status) {
        ObjectKey key = ObjectKey.policy(object.id());
        if (!mayWrite.getAsBoolean()) {
            return new Outcome.NotLeading();
        }
        Optional<Outcome> wait = backoff.holding(key, object.uid());
        if (wait.isPresent()) {
            return wait.get();
        }
        try {
            Outcome outcome = write(key, object, status, live.find(key));
            backoff.worked(key);
            return outcome;
        } catch (ApiException e) {
            return backoff.failed(key, object.uid(), e.line());
        }
    }

    /** The policy is gone. */
    void forget(PolicyObject object) {
        written.remove(ObjectKey.policy(object.id()));
        backoff.worked(ObjectKey.policy(object.id()));
    }

    private Optional<Outcome> tooEarly(ObjectKey key) {
        Long last = written.get(key);
        if (last == null) {
            return Optional.empty();
        }
        Duration left = PACE.minusNanos(nanoTime.getAsLong() - last);
        return left.isNegative() || left.isZero() ? Optional.empty() : Optional.of(new Outcome.Later(left));
    }

    private Outcome write(ObjectKey key, PolicyObject object, PolicyStatus status, Optional<JsonNode> found)
            throws ApiException {
        if (found.isEmpty() || !LiveObject.uid(found.get()).equals(object.uid())) {
            return new Outcome.Unchanged();
        }
        JsonNode before = found.get().path("status");
        ObjectNode now = StatusJson.of(status.dated(StatusJson.conditions(before), clock.instant()));
        if (now.equals(before)) {
            return new Outcome.Unchanged();
        }
        Optional<Outcome> tooEarly = tooEarly(key);
        if (tooEarly.isPresent()) {
            return tooEarly.get();
        }
        if (!mayWrite.getAsBoolean()) {
            return new Outcome.NotLeading();
        }
        ApiAnswer answer = api.apply(key, "/status", patch(key, object, now), FIELD_MANAGER, true);
        if (answer.isMissing()) {
            return new Outcome.Unchanged();
        }
        if (!answer.isGood()) {
            throw ApiException.refused("patch", key, answer);
        }
        live.written(key, answer.body());
        written.put(key, nanoTime.getAsLong());
        return new Outcome.Written();
    }

    private static ObjectNode patch(ObjectKey key, PolicyObject object, ObjectNode status) {
        ObjectNode patch = JSON.createObjectNode();
        patch.put("apiVersion", ObjectNames.API_VERSION).put("kind", ObjectNames.KIND);
        patch.putObject("metadata")
                .put("namespace", key.namespace())
                .put("name", key.name())
                .put("uid", object.uid());
        patch.set("status", status);
        return patch;
    }
}
