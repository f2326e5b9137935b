package dev.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.reconcile.ReplicaReport;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.xds.RejectedResource;
import dev.sallyport.xds.SidecarStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConnectedSidecarsTest {
    private static final PolicyId ID = new PolicyId("agents", "p");

    @Test
    void reportsByPodWhatASidecarHoldsAndWhyItRefuses() {
        ReplicaReport report = ConnectedSidecars.report(List.of(
                sidecar("x-1/uid", Optional.of("r1")),
                sidecar("y-2/uid", Optional.empty(), "Error adding listener\n  'tls/443':\n no such filter\n")));
        assertThat(report.workloads().get(ID))
                .containsEntry("x-1", new ReplicaReport.Held(Optional.of("r1"), Optional.empty()))
                .containsEntry(
                        "y-2",
                        new ReplicaReport.Held(
                                Optional.empty(),
                                Optional.of("listener r0: Error adding listener 'tls/443': no such filter")));
    }

    @Test
    void ofTheReasonsTheFirstFewAreToldAndNoneAtLength() {
        String many = reasons("a", "b", "c", "d", "e");
        assertThat(many).isEqualTo("listener r0: a; listener r1: b; listener r2: c; and 2 more");
        assertThat(reasons("x".repeat(1_000))).hasSize(512).endsWith("x…");
    }

    private static String reasons(String... reasons) {
        return ConnectedSidecars.report(List.of(sidecar("x/uid", Optional.of("r1"), reasons)))
                .workloads()
                .values()
                .stream()
                .flatMap(pods -> pods.values().stream())
                .findFirst()
                .flatMap(ReplicaReport.Held::rejected)
                .orElseThrow();
    }

    private static SidecarStatus sidecar(String sidecar, Optional<String> held, String... reasons) {
        int[] number = new int[1];
        List<RejectedResource> rejected = Stream.of(reasons)
                .map(reason ->
                        new RejectedResource(ResourceType.LISTENER, "r" + number[0]++, "v", reason, Instant.EPOCH))
                .toList();
        return new SidecarStatus(ID, sidecar, "", Optional.empty(), held, held, rejected, Instant.EPOCH);
    }
}
