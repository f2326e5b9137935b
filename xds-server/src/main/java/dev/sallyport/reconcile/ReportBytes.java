package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.PolicyId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** A replica's report as bytes: JSON in gzip, the Pods of a workload by what their sidecars hold. Equal reports have equal bytes. */
final class ReportBytes {
    /** An object of the API server holds 1 MiB. */
    static final int MOST = 900_000;

    /** A gzip of {@link #MOST} bytes can hold a thousand times as many. */
    private static final int MOST_TEXT = 64 << 20;

    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private ReportBytes() {}

    /**
     * A report that fits.
     *
     * @param cut how many workloads are left out, the last by name: their sidecars on this replica are not counted
     * @param wordless whether the reasons of sidecars are left out
     */
    @SuppressWarnings("ArrayRecordComponent") // written once, compared by nobody
    record Encoded(byte[] bytes, int cut, boolean wordless) {}

    /** The whole report where it fits in {@code most} bytes; else without reasons; else without its last workloads. */
    static Encoded encode(ReplicaReport report, int most) {
        byte[] whole = gzip(report, true);
        if (whole.length <= most) {
            return new Encoded(whole, 0, false);
        }
        SortedMap<PolicyId, SortedMap<String, ReplicaReport.Held>> kept = new TreeMap<>(report.workloads());
        byte[] bytes = gzip(report, false);
        while (bytes.length > most) {
            int excess = Math.max(1, (int) (kept.size() * (1 - (double) most / bytes.length)));
            for (int i = 0; i < excess; i++) {
                kept.remove(kept.lastKey());
            }
            bytes = gzip(new ReplicaReport(kept), false);
        }
        return new Encoded(bytes, report.workloads().size() - kept.size(), true);
    }

    private static byte[] gzip(ReplicaReport report, boolean words) {
        ObjectNode root = JSON.createObjectNode().put("version", VERSION);
        ObjectNode workloads = root.putObject("workloads");
        report.workloads().forEach((id, pods) -> groups(workloads.putArray(id.toString()), pods, words));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(JSON.writeValueAsBytes(root));
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes what is written to it", e);
        }
        return bytes.toByteArray();
    }

    private static void groups(ArrayNode groups, SortedMap<String, ReplicaReport.Held> pods, boolean words) {
        Map<String, ArrayNode> byHeld = new TreeMap<>();
        pods.forEach((pod, held) -> {
            String reason = held.rejected().map(text -> words ? text : "").orElse("");
            String key = held.revision().orElse("") + '\n' + held.rejected().isPresent() + '\n' + reason;
            byHeld.computeIfAbsent(key, first -> {
                        ObjectNode group = groups.addObject();
                        held.revision().ifPresent(revision -> group.put("revision", revision));
                        held.rejected().ifPresent(text -> group.put("rejected", reason));
                        return group.putArray("pods");
                    })
                    .add(pod);
        });
    }

    /** The report in these bytes; empty when they are none, as those of another version may be. */
    static Optional<ReplicaReport> decode(byte[] bytes) {
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            byte[] text = gzip.readNBytes(MOST_TEXT + 1);
            JsonNode root = text.length > MOST_TEXT ? JSON.missingNode() : JSON.readTree(text);
            if (root.path("version").asInt() != VERSION
                    || !root.path("workloads").isObject()) {
                return Optional.empty();
            }
            SortedMap<PolicyId, SortedMap<String, ReplicaReport.Held>> workloads = new TreeMap<>();
            for (Map.Entry<String, JsonNode> workload : root.path("workloads").properties()) {
                workloads.put(id(workload.getKey()), pods(workload.getValue()));
            }
            return Optional.of(new ReplicaReport(workloads));
        } catch (IOException | IllegalArgumentException e) {
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

    private static SortedMap<String, ReplicaReport.Held> pods(JsonNode groups) {
        SortedMap<String, ReplicaReport.Held> pods = new TreeMap<>();
        for (JsonNode group : groups) {
            ReplicaReport.Held held = new ReplicaReport.Held(text(group, "revision"), text(group, "rejected"));
            group.path("pods").forEach(pod -> pods.put(pod.asText(), held));
        }
        return pods;
    }

    private static Optional<String> text(JsonNode node, String name) {
        return Optional.ofNullable(node.get(name)).filter(JsonNode::isTextual).map(JsonNode::asText);
    }
}
