package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.ObjectName;
import java.util.Optional;
import java.util.function.Function;

/** Reads objects of one query, and keeps of each what {@code reduce} does. */
record Reading<T>(ObjectQuery query, Function<JsonNode, Optional<T>> reduce) {
    Arrived<T> object(JsonNode object) throws ApiFailure {
        JsonNode metadata = object.path("metadata");
        String name = metadata.path("name").asText("");
        String where = metadata.path("namespace").asText("");
        String uid = metadata.path("uid").asText("");
        if (name.isEmpty() || uid.isEmpty() || where.isEmpty() != query.clusterScoped() || !isAskedFor(where, name)) {
            throw ApiFailure.noAnswer("an object without a name, namespace or uid that was asked for");
        }
        return new Arrived<>(new ObjectName(where, name), uid, version(object), reduce.apply(object));
    }

    private boolean isAskedFor(String namespace, String name) {
        return (query.namespace().isEmpty() || query.namespace().equals(namespace))
                && (query.name().isEmpty() || query.name().equals(name));
    }

    ResourceVersion version(JsonNode object) throws ApiFailure {
        return ResourceVersion.parse(
                        object.path("metadata").path("resourceVersion").asText(""))
                .orElseThrow(() -> ApiFailure.noAnswer("an object without a numeric metadata.resourceVersion"));
    }
}
