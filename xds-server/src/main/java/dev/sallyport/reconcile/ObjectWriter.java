package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.source.kubernetes.ApiAnswer;
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

    /** Looks at the live object, and writes. */
    @FunctionalInterface
    private interface Write {
        Outcome outcome() throws ApiException;
    }

    /** Makes it exist as it is. */
    Outcome apply(DesiredObject wanted) {
        return carefully(wanted.key(), wanted.hash(), () -> apply(wanted, live.find(wanted.key())));
    }

    /** Makes it not exist, when it is ours. */
    Outcome delete(ObjectKey key) {
        return carefully(key, DELETED, () -> delete(key, live.findOurs(key)));
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
            Outcome outcome = write.outcome();
            if (outcome.isDone()) {
                backoff.worked(key);
            }
            return outcome;
        } catch (ApiException e) {
            return backoff.failed(key, wish, e.line());
        }
    }

    private Outcome apply(DesiredObject wanted, Optional<JsonNode> found) throws ApiException {
        if (found.isPresent() && !LiveObject.isOurs(found.get())) {
            return backoff.foreign(wanted.key(), wanted.hash(), foreign(wanted.key()));
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
        if (isNamespaceEnding(answer)) {
            return backoff.hopeless(wanted.key(), wanted.hash());
        }
        if (!answer.isGood()) {
            throw ApiException.refused("patch", wanted.key(), answer);
        }
        live.written(wanted.key(), answer.body());
        return new Outcome.Written();
    }

    private Outcome delete(ObjectKey key, Optional<JsonNode> found) throws ApiException {
        if (found.isEmpty()) {
            return new Outcome.Unchanged();
        }
        if (!mayWrite.getAsBoolean()) {
            return new Outcome.NotLeading();
        }
        ApiAnswer answer = api.delete(key, LiveObject.uid(found.get()));
        if (!answer.isGood() && !answer.isMissing()) {
            throw ApiException.refused("delete", key, answer);
        }
        live.deleted(key, LiveObject.uid(found.get()));
        return new Outcome.Written();
    }

    /** Nothing is created in a namespace that is being deleted, and what is in it goes by itself. */
    private static boolean isNamespaceEnding(ApiAnswer answer) {
        return answer.isForbidden()
                && answer.body()
                        .at("/details/causes")
                        .findValuesAsText("reason")
                        .contains("NamespaceTerminating");
    }

    private static String foreign(ObjectKey key) {
        return key + ": exists without the label " + ObjectNames.MANAGED_BY_LABEL + "=" + ObjectNames.SALLYPORT
                + ", so it is somebody else's and is left as it is; delete or rename it, or name the policy differently";
    }
}
