package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.source.kubernetes.ApiAnswer;
import dev.sallyport.source.kubernetes.ObjectQuery;
import java.util.Base64;
import java.util.Optional;

/** The ConfigMap in which one replica reports. */
final class ReportObject {
    /** On every report, so that they can be told from other ConfigMaps. */
    static final String LABEL = "sallyport.dev/replica";

    /** Another text each time that the replica says that it is alive. */
    static final String BEAT = "sallyport.dev/heartbeat";

    private static final String PREFIX = "sallyport-replica-";
    private static final String KEY = "report.json.gz";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectRequests api;
    private final ObjectKey key;

    ReportObject(ObjectRequests api, String systemNamespace, String replica) {
        this.api = api;
        this.key = key(systemNamespace, replica);
    }

    /** The reports of all replicas. */
    static ObjectQuery all(String systemNamespace) {
        return ObjectQuery.of("/api/v1", ObjectKey.Kind.ConfigMap.resource())
                .in(systemNamespace)
                .labelled(LABEL);
    }

    static ObjectKey key(String systemNamespace, String replica) {
        return new ObjectKey(ObjectKey.Kind.ConfigMap, systemNamespace, PREFIX + replica);
    }

    /** Whose report an object of that name is; empty: it is none. */
    static Optional<String> replica(String name) {
        return name.startsWith(PREFIX) ? Optional.of(name.substring(PREFIX.length())) : Optional.empty();
    }

    static String beat(JsonNode object) {
        return object.at("/metadata/annotations").path(BEAT).asText("");
    }

    /** The report in an object; empty: there is none that this version can read. */
    static Optional<ReplicaReport> report(JsonNode object) {
        try {
            return ReportBytes.decode(Base64.getDecoder()
                    .decode(object.path("binaryData").path(KEY).asText("")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * Writes the report, or that it is what it was.
     *
     * @param report empty: what is there stays
     * @return whether the object is there now; false: it was not, and there was no report to write
     */
    boolean write(String beat, Optional<byte[]> report) throws ApiException {
        ObjectNode patch = JSON.createObjectNode();
        patch.putObject("metadata").putObject("annotations").put(BEAT, beat);
        report.ifPresent(bytes ->
                patch.putObject("binaryData").put(KEY, Base64.getEncoder().encodeToString(bytes)));
        ApiAnswer answer = api.merge(key, patch);
        if (answer.isMissing() && report.isEmpty()) {
            return false;
        }
        if (answer.isMissing()) {
            answer = api.create(key, whole(patch));
        }
        if (!answer.isGood()) {
            throw ApiException.refused("create or patch", key, answer);
        }
        return true;
    }

    private ObjectNode whole(ObjectNode patch) {
        ObjectNode object = patch.deepCopy();
        object.put("apiVersion", key.kind().apiVersion()).put("kind", key.kind().name());
        ObjectNode metadata = object.withObject("/metadata");
        metadata.put("namespace", key.namespace()).put("name", key.name());
        metadata.putObject("labels")
                .put(ObjectNames.MANAGED_BY_LABEL, ObjectNames.SALLYPORT)
                .put(LABEL, "report");
        return object;
    }

    /** Why the name cannot be used: somebody else's object has it. */
    Optional<String> foreign() throws ApiException {
        return LiveObjects.asking(api)
                .find(key)
                .filter(object -> !LiveObject.isOurs(object)
                        || !object.at("/metadata/labels").has(LABEL))
                .map(object ->
                        key + ": exists without the labels of a report, so it is somebody else's and is left as it"
                                + " is; delete or rename it");
    }

    /** Deletes it, when it is there. */
    void delete() throws ApiException {
        Optional<JsonNode> there = LiveObjects.asking(api).find(key);
        if (there.isPresent()) {
            delete(api, key, LiveObject.uid(there.get()));
        }
    }

    /** Deletes that very one; it may be gone, or be another by now. */
    static void delete(ObjectRequests api, ObjectKey key, String uid) throws ApiException {
        ApiAnswer answer = api.delete(key, uid);
        if (!answer.isGood() && !answer.isMissing() && !answer.isConflict()) {
            throw ApiException.refused("delete", key, answer);
        }
    }
}
