package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.kubernetes.ApiAnswer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Keeps a deleted policy until its NetworkPolicy may go. Thread-safe. */
final class PolicyFinalizer {
    private static final Duration AFTER_ANOTHER = Duration.ofMillis(500);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectRequests api;
    private final LiveObjects live;
    private final BooleanSupplier mayWrite;
    private final Backoff backoff;

    PolicyFinalizer(ObjectRequests api, LiveObjects live, BooleanSupplier mayWrite, LongSupplier nanoTime) {
        this.api = api;
        this.live = live;
        this.mayWrite = mayWrite;
        this.backoff = new Backoff(nanoTime);
    }

    Outcome add(PolicyId id) {
        return write(id, true);
    }

    Outcome remove(PolicyId id) {
        return write(id, false);
    }

    private Outcome write(PolicyId id, boolean wanted) {
        if (!mayWrite.getAsBoolean()) {
            return new Outcome.NotLeading();
        }
        ObjectKey key = ObjectKey.policy(id);
        String wish = wanted ? "added" : "removed";
        Optional<Outcome> holding = backoff.holding(key, wish);
        if (holding.isPresent()) {
            return holding.get();
        }
        try {
            Outcome outcome = write(key, live.find(key), wanted);
            backoff.worked(key);
            return outcome;
        } catch (ApiException e) {
            return backoff.failed(key, wish, e.line());
        }
    }

    private Outcome write(ObjectKey key, Optional<JsonNode> found, boolean wanted) throws ApiException {
        // To one that is being deleted the API server adds none.
        if (found.isEmpty() || isSo(PolicyObject.of(found.get()), wanted)) {
            return new Outcome.Unchanged();
        }
        if (!mayWrite.getAsBoolean()) {
            return new Outcome.NotLeading();
        }
        ApiAnswer answer = api.merge(key, patch(found.get(), wanted));
        if (answer.isConflict()) {
            // Somebody has just written the policy; the next look is at what it is now.
            return new Outcome.Later(AFTER_ANOTHER);
        }
        if (answer.isMissing()) {
            return new Outcome.Unchanged();
        }
        if (!answer.isGood()) {
            throw ApiException.refused("patch", key, answer);
        }
        live.written(key, answer.body());
        return new Outcome.Written();
    }

    private static boolean isSo(PolicyObject object, boolean wanted) {
        return object.finalizer() == wanted || wanted && object.deleting();
    }

    /** The whole list, of the very version that was read: nobody else's finalizer is lost. */
    private static ObjectNode patch(JsonNode live, boolean wanted) {
        ObjectNode patch = JSON.createObjectNode();
        ObjectNode metadata = patch.putObject("metadata");
        metadata.put("resourceVersion", live.at("/metadata/resourceVersion").asText());
        ArrayNode finalizers = metadata.putArray("finalizers");
        for (JsonNode name : live.at("/metadata/finalizers")) {
            if (!name.asText().equals(ObjectNames.FINALIZER)) {
                finalizers.add(name);
            }
        }
        if (wanted) {
            finalizers.add(ObjectNames.FINALIZER);
        }
        return patch;
    }
}
