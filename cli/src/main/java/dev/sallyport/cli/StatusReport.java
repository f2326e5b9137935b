package dev.sallyport.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.LoopStatus;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.xds.SidecarStatus;
import java.util.List;

/** What a control plane sees, as JSON: the contract of {@code status --output json}. Holds no secret. */
final class StatusReport {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final ObjectNode root = JSON.createObjectNode();

    /** The state of that control plane now. */
    static StatusReport of(StandaloneControlPlane controlPlane) {
        StatusReport report = new StatusReport();
        report.root.put("pid", ProcessHandle.current().pid());
        report.root.put("state", controlPlane.state().toString());
        report.root.put("port", controlPlane.listenPort());
        report.add(controlPlane.status(), controlPlane.sidecars());
        return report;
    }

    String json() {
        try {
            return JSON.writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON is always written", e);
        }
    }

    private void add(LoopStatus status, List<SidecarStatus> sidecars) {
        root.put("synced", status.synced());
        ArrayNode workloads = root.putArray("workloads");
        status.workloads().values().forEach(workload -> add(workloads.addObject(), workload, sidecars));
        strings(
                root.putArray("problems"),
                status.problems().stream().map(Object::toString).toList());
        strings(root.putArray("sourceProblems"), status.sourceProblems());
        ArrayNode strangers = root.putArray("sidecarsWithoutPolicy");
        sidecars.stream()
                .filter(sidecar -> !status.workloads().containsKey(sidecar.workload()))
                .forEach(sidecar -> add(
                        strangers.addObject().put("workload", sidecar.workload().toString()), sidecar));
    }

    private static void add(ObjectNode json, WorkloadStatus workload, List<SidecarStatus> sidecars) {
        PolicyId id = workload.id();
        json.put("workload", id.toString());
        json.put("accepted", workload.accepted());
        json.put("revision", workload.revision());
        json.put("hosts", workload.hosts());
        strings(json.putArray("problems"), workload.problems());
        ArrayNode credentials = json.putArray("credentialsUnavailable");
        workload.credentials()
                .forEach(credential -> credentials
                        .addObject()
                        .put("host", credential.host())
                        .put("header", credential.header())
                        .put("reason", credential.reason()));
        ArrayNode trustedCas = json.putArray("trustedCasUnavailable");
        workload.trustedCas()
                .forEach(ca -> trustedCas.addObject().put("host", ca.host()).put("reason", ca.reason()));
        ArrayNode connected = json.putArray("sidecars");
        sidecars.stream()
                .filter(sidecar -> sidecar.workload().equals(id))
                .forEach(sidecar -> add(connected.addObject(), sidecar));
    }

    private static void add(ObjectNode json, SidecarStatus sidecar) {
        json.put("sidecar", sidecar.sidecar());
        json.put("node", sidecar.nodeId());
        json.put("envoy", sidecar.envoy().map(Object::toString).orElse(""));
        json.put("current", sidecar.isCurrent());
        json.put("since", sidecar.since().toString());
        ArrayNode rejected = json.putArray("rejected");
        sidecar.rejected()
                .forEach(resource -> rejected.addObject()
                        .put("type", resource.type().name())
                        .put("name", resource.name())
                        .put("reason", resource.reason()));
    }

    private static void strings(ArrayNode array, List<String> texts) {
        texts.forEach(array::add);
    }
}
