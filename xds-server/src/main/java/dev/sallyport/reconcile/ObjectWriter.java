package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.source.kubernetes.ApiAnswer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Brings objects to what they should be by server-side apply, and writes nothing where they are. It never touches an object that does not carry our label. Thread-safe, for different objects at a time.
 */
final class ObjectWriter {
    private static final String DELETED = "deleted";

    private final ObjectRequests api;
    private final LiveObjects live;
    private final BooleanSupplier mayWrite;
    private final Backoff backoff;

    /**
     * Does not connect yet.
     *
     * @param mayWrite asked before each write
     * @param nanoTime a clock that only goes on
     */
    ObjectWriter(ObjectRequests api, LiveObjects live, BooleanSupplier mayWrite, LongSupplier nanoTime) {
        this.api = api;
        this.live = live;
        this.mayWrite = mayWrite;
        this.backoff = new Backoff(nanoTime);
    }

    /** What one write does, after the live object was looked at. */
    @FunctionalInterface
    private interface Write {
        Outcome given(Optional<JsonNode> live) throws ApiException;
    }

    /** Makes it exist as it is. */
    Outcome apply(HasMetadata object) {
        DesiredObject wanted = DesiredObject.of(object);
        return carefully(wanted.key(), wanted.hash(), found -> apply(wanted, found));
    }

    /** Makes it not exist, when it is ours. */
    Outcome delete(ObjectKey key) {
        return carefully(key, DELETED, found -> delete(key, found));
    }

    private Outcome carefully(ObjectKey key, String wish, Write write) {
        if (!mayWrite.getAsBoolean()) {
            return new Outcome.NotLeading();
        }
        Optional<Outcome> holding = backoff.holding(key, wish);
        if (holding.isPresent()) {
            return holding.get();
        }
        try {
            Outcome outcome = write.given(live.find(key));
            backoff.worked(key);
            return outcome;
        } catch (ApiException e) {
            return backoff.failed(key, wish, e.line());
        }
    }

    private Outcome apply(DesiredObject wanted, Optional<JsonNode> found) throws ApiException {
        if (found.isPresent() && !LiveObject.isOurs(found.get())) {
            return new Outcome.Foreign(foreign(wanted.key()));
        }
        if (found.isPresent() && wanted.isIn(found.get())) {
            return new Outcome.Unchanged();
        }
        if (!mayWrite.getAsBoolean()) { // the look may have taken long
            return new Outcome.NotLeading();
        }
        // Where nothing was found nothing is taken over: what has come into being meanwhile is somebody else's.
        boolean force = found.isPresent();
        String uid = found.map(LiveObject::uid).orElse("");
        ApiAnswer answer = api.apply(wanted.key(), "", wanted.patch(uid), ObjectNames.SALLYPORT, force);
        if (!answer.isGood()) {
            throw ApiException.refused("patch", wanted.key(), answer);
        }
        return new Outcome.Written();
    }

    private Outcome delete(ObjectKey key, Optional<JsonNode> found) throws ApiException {
        if (found.filter(LiveObject::isOurs).isEmpty()) {
            return new Outcome.Unchanged();
        }
        if (!mayWrite.getAsBoolean()) {
            return new Outcome.NotLeading();
        }
        ApiAnswer answer = api.delete(key, LiveObject.uid(found.get()));
        if (!answer.isGood() && !answer.isMissing()) {
            throw ApiException.refused("delete", key, answer);
        }
        return new Outcome.Written();
    }

    private static String foreign(ObjectKey key) {
        return key + ": exists without the label " + ObjectNames.MANAGED_BY_LABEL + "=" + ObjectNames.SALLYPORT
                + ", so it is somebody else's and is left as it is; delete or rename it, or name the policy differently";
    }
}
