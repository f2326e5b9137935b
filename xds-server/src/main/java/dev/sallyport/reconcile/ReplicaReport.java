package dev.sallyport.reconcile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.PolicyId;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one replica of the control plane knows of the sidecars that are connected to it; the writer adds the replicas' reports up. Immutable.
 *
 * @param workloads by workload, the sidecars by Pod
 */
public record ReplicaReport(SortedMap<PolicyId, SortedMap<String, Held>> workloads) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REVISION = "revision";
    private static final String REJECTED = "rejected";

    public ReplicaReport {
        SortedMap<PolicyId, SortedMap<String, Held>> copy = new TreeMap<>();
        workloads.forEach((id, pods) -> copy.put(id, Collections.unmodifiableSortedMap(new TreeMap<>(pods))));
        workloads = Collections.unmodifiableSortedMap(copy);
    }

    /**
     * What a sidecar holds.
     *
     * @param revision complete; empty: none yet
     * @param rejected why it refused a part of the newest, in its own words; empty: it did not
     */
    public record Held(Optional<String> revision, Optional<String> rejected) {
        /** Of two streams of one Pod the one that is further: the other is about to end. */
        Held or(Held other, String newest) {
            return other.revision.filter(newest::equals).isPresent() ? other : this;
        }
    }

    /**
     * One sidecar, as a replica sees it.
     *
     * @param pod the name of its Pod
     */
    public record Connected(PolicyId workload, String pod, Held held) {}

    /** Of the sidecars that are connected now. */
    public static ReplicaReport of(Collection<Connected> sidecars) {
        SortedMap<PolicyId, SortedMap<String, Held>> workloads = new TreeMap<>();
        sidecars.forEach(sidecar -> workloads
                .computeIfAbsent(sidecar.workload(), first -> new TreeMap<>())
                .merge(sidecar.pod(), sidecar.held(), (a, b) -> a.revision().isPresent() ? a : b));
        return new ReplicaReport(workloads);
    }

    /** As JSON; equal reports have equal text. */
    public String json() {
        ObjectNode root = JSON.createObjectNode();
        workloads.forEach((id, pods) -> {
            ObjectNode workload = root.putObject(id.toString());
            pods.forEach((pod, held) -> {
                ObjectNode sidecar = workload.putObject(pod);
                held.revision().ifPresent(revision -> sidecar.put(REVISION, revision));
                held.rejected().ifPresent(reason -> sidecar.put(REJECTED, reason));
            });
        });
        try {
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON is always written", e);
        }
    }

    /** The report in that text; empty when it is none, as one of another version may be. */
    public static Optional<ReplicaReport> parse(String json) {
        try {
            SortedMap<PolicyId, SortedMap<String, Held>> workloads = new TreeMap<>();
            JsonNode root = JSON.readTree(json);
            if (!root.isObject()) {
                return Optional.empty();
            }
            for (var workload : root.properties()) {
                SortedMap<String, Held> pods = new TreeMap<>();
                workload.getValue().properties().forEach(pod -> pods.put(pod.getKey(), held(pod.getValue())));
                workloads.put(id(workload.getKey()), pods);
            }
            return Optional.of(new ReplicaReport(workloads));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static PolicyId id(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("no workload: " + text);
        }
        return new PolicyId(text.substring(0, slash), text.substring(slash + 1));
    }

    private static Held held(JsonNode sidecar) {
        return new Held(text(sidecar, REVISION), text(sidecar, REJECTED));
    }

    private static Optional<String> text(JsonNode node, String name) {
        return Optional.ofNullable(node.get(name)).filter(JsonNode::isTextual).map(JsonNode::asText);
    }
}
