package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.source.kubernetes.ApiAnswer;
import java.util.Optional;

/** What is in the API server now, or was a moment ago. Thread-safe. */
@FunctionalInterface
interface LiveObjects {
    /**
     * The object of that name, as the API server gives it; empty: there is none.
     *
     * @throws ApiException when that cannot be told
     */
    Optional<JsonNode> find(ObjectKey key) throws ApiException;

    /** Asks each time. */
    static LiveObjects asking(ObjectRequests api) {
        return key -> {
            ApiAnswer answer = api.get(key);
            if (answer.isMissing()) {
                return Optional.empty();
            }
            if (!answer.isGood()) {
                throw ApiException.refused("get", key, answer);
            }
            return Optional.of(answer.body());
        };
    }
}
