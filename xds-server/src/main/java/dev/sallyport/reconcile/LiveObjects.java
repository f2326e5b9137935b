package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.source.kubernetes.ApiAnswer;
import java.util.Optional;

/** What is in the API server now, or was a moment ago. Thread-safe. */
@FunctionalInterface
interface LiveObjects {
    /**
     * The object of that name, whole or {@linkplain LiveObject#reduced reduced}; empty: there is none.
     *
     * @throws ApiException when that cannot be told
     */
    Optional<JsonNode> find(ObjectKey key) throws ApiException;

    /**
     * The same when it carries our label; what does not is nobody's concern here.
     *
     * @throws ApiException when that cannot be told
     */
    default Optional<JsonNode> findOurs(ObjectKey key) throws ApiException {
        return find(key).filter(LiveObject::isOurs);
    }

    /** We have written it, and this is what it is now. */
    default void written(ObjectKey key, JsonNode answer) {}

    /** We have deleted the object of that UID. */
    default void deleted(ObjectKey key, String uid) {}

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
