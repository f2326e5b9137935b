package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.PolicyId;

/**
 * An EgressPolicy object apart from what it says.
 *
 * @param uid tells it from an earlier one of its name
 * @param generation of its specification
 * @param deleting somebody deleted it, and a finalizer keeps it
 * @param finalizer whether ours is on it
 */
record PolicyObject(PolicyId id, String uid, long generation, boolean deleting, boolean finalizer) {
    static PolicyObject of(JsonNode live) {
        JsonNode metadata = live.path("metadata");
        boolean finalizer = false;
        for (JsonNode name : metadata.path("finalizers")) {
            finalizer |= name.asText().equals(ObjectNames.FINALIZER);
        }
        return new PolicyObject(
                new PolicyId(
                        metadata.path("namespace").asText(),
                        metadata.path("name").asText()),
                metadata.path("uid").asText(),
                metadata.path("generation").asLong(),
                metadata.has("deletionTimestamp"),
                finalizer);
    }
}
