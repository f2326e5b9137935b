package dev.sallyport.source.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.LabelledPod;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Reads of a Pod what the control plane looks at. */
final class PodReader {
    static final String LABEL = "sallyport.dev/policy";
    static final ObjectQuery ALL = ObjectQuery.of("/api/v1", "pods").labelled(LABEL);
    private static final String SIDECAR = "sallyport";

    /** Empty: it names no policy. */
    static Optional<LabelledPod> read(JsonNode pod) {
        JsonNode metadata = pod.path("metadata");
        String policy = metadata.path("labels").path(LABEL).asText("");
        if (policy.isEmpty()) {
            return Optional.empty();
        }
        String namespace = metadata.path("namespace").asText();
        return Optional.of(new LabelledPod(
                namespace,
                metadata.path("name").asText(),
                metadata.path("uid").asText(),
                new PolicyId(namespace, policy),
                pod.path("spec").path("serviceAccountName").asText(""),
                state(pod),
                hasSidecar(pod.path("spec")),
                isReady(pod.path("status")),
                created(metadata.path("creationTimestamp").asText(""))));
    }

    private static LabelledPod.State state(JsonNode pod) {
        String phase = pod.path("status").path("phase").asText("");
        if (phase.equals("Succeeded") || phase.equals("Failed")) {
            return LabelledPod.State.ENDED;
        }
        return pod.path("metadata").path("deletionTimestamp").asText("").isEmpty()
                ? LabelledPod.State.LIVE
                : LabelledPod.State.ENDING;
    }

    private static boolean hasSidecar(JsonNode spec) {
        return StreamSupport.stream(spec.path("initContainers").spliterator(), false)
                .anyMatch(container -> container.path("name").asText("").equals(SIDECAR));
    }

    private static boolean isReady(JsonNode status) {
        return StreamSupport.stream(status.path("conditions").spliterator(), false)
                .anyMatch(condition -> condition.path("type").asText("").equals("Ready")
                        && condition.path("status").asText("").equals("True"));
    }

    private static Instant created(String time) {
        try {
            return Instant.parse(time);
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }

    private PodReader() {}
}
