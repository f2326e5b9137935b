package dev.sallyport.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The status of a policy as {@code manifests/crd/egresspolicies.yaml} has it. */
final class StatusJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    static ObjectNode of(PolicyStatus status) {
        ObjectNode json = JSON.createObjectNode();
        json.put("observedGeneration", status.observedGeneration());
        json.put("hosts", status.hosts());
        json.put("revision", status.revision());
        json.put("programmed", status.programmed());
        json.putObject("sidecars")
                .put("connected", status.sidecars().connected())
                .put("current", status.sidecars().current())
                .put("rejecting", status.sidecars().rejecting());
        json.put("podsWithoutSidecar", status.podsWithoutSidecar());
        status.serviceAddress().ifPresent(address -> json.put("serviceAddress", address));
        ArrayNode messages = json.putArray("messages");
        status.messages().forEach(messages::add);
        ArrayNode conditions = json.putArray("conditions");
        status.conditions().forEach(condition -> put(conditions.addObject(), condition, status.observedGeneration()));
        return asTheServerReadsIt(json);
    }

    private static void put(ObjectNode json, Condition condition, long generation) {
        json.put("type", condition.type().name());
        json.put("status", condition.status());
        json.put("observedGeneration", generation);
        json.put(
                "lastTransitionTime",
                condition.since().truncatedTo(ChronoUnit.SECONDS).toString());
        json.put("reason", condition.reason());
        json.put("message", condition.message());
    }

    /** A number is a number: trees that are read have the smallest type for each. */
    private static ObjectNode asTheServerReadsIt(ObjectNode json) {
        try {
            return (ObjectNode) JSON.readTree(json.toString());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was written is read", e);
        }
    }

    /** Those of a live status that are of types that we know, and whole. */
    static List<Condition> conditions(JsonNode status) {
        List<Condition> conditions = new ArrayList<>();
        for (JsonNode json : status.path("conditions")) {
            condition(json).ifPresent(conditions::add);
        }
        return conditions;
    }

    private static Optional<Condition> condition(JsonNode json) {
        try {
            return Optional.of(new Condition(
                    Condition.Type.valueOf(json.path("type").asText()),
                    json.path("status").asText(),
                    json.path("reason").asText(),
                    json.path("message").asText(),
                    Instant.parse(json.path("lastTransitionTime").asText())));
        } catch (IllegalArgumentException | DateTimeException notOurs) {
            return Optional.empty();
        }
    }

    private StatusJson() {}
}
