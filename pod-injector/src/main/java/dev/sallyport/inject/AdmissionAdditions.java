package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What the API server's own admission changes in containers of ours between two calls: LimitRanger fills resources in, AlwaysPullImages the pull policy. Neither opens anything. */
final class AdmissionAdditions {
    /** {@code found} as it was before them. */
    static ObjectNode takenFrom(ObjectNode found, ObjectNode expected) {
        ObjectNode before = found.deepCopy();
        if (before.path("imagePullPolicy").asText().equals("Always")) {
            before.set("imagePullPolicy", expected.get("imagePullPolicy"));
        }
        // A claim would put something of the node into the container.
        if (before.path("resources").path("claims").isEmpty() && expected.has("resources")) {
            before.set("resources", expected.get("resources"));
        }
        return before;
    }

    private AdmissionAdditions() {}
}
