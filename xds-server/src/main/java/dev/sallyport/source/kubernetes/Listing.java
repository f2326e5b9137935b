package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.ObjectName;
import java.util.LinkedHashMap;
import java.util.Map;

/** The pages of one list. What is not kept of an object is not collected either. */
final class Listing<T> {
    private final Map<ObjectName, Arrived<T>> objects = new LinkedHashMap<>();
    private ResourceVersion version = ResourceVersion.NONE;

    void add(ObjectServer.Page page, Reading<T> reading) throws ApiFailure {
        version = page.version();
        for (JsonNode item : page.items()) {
            Arrived<T> object = reading.object(item);
            if (object.value().isPresent()) {
                objects.put(object.name(), object);
            }
        }
    }

    ResourceVersion version() {
        return version;
    }

    Map<ObjectName, Arrived<T>> objects() {
        return objects;
    }
}
