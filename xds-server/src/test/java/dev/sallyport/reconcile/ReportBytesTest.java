package dev.sallyport.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PolicyId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportBytesTest {
    private static final PolicyId ID = new PolicyId("agents", "p");

    @Test
    void reportsSurviveTheirBytes() {
        ReplicaReport report = report(
                connected(ID, "x", held("r1")),
                connected(ID, "y", new ReplicaReport.Held(Optional.empty(), Optional.of("\"no\" such\nfilter"))),
                connected(
                        new PolicyId("agents", "q"), "z", new ReplicaReport.Held(Optional.empty(), Optional.empty())));
        ReportBytes.Encoded encoded = ReportBytes.encode(report, ReportBytes.MOST);
        assertThat(ReportBytes.decode(encoded.bytes())).contains(report);
        assertThat(encoded.cut()).isZero();
        assertThat(encoded.wordless()).isFalse();
        assertThat(bytes(report(connected(ID, "y", held("r")), connected(ID, "x", held("s")))))
                .isEqualTo(bytes(report(connected(ID, "x", held("s")), connected(ID, "y", held("r")))));
    }

    @Test
    void twoThousandPodsAreFarBelowAHundredKilobytes() {
        Random random = new Random(1);
        List<ReplicaReport.Connected> sidecars = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            PolicyId id = new PolicyId("namespace-" + i % 100, "workload-" + i % 1_000);
            String revision = Long.toHexString(id.hashCode() * 0x9E3779B97F4A7C15L);
            sidecars.add(connected(id, pod(id, random), held(revision + revision)));
        }
        assertThat(bytes(ReplicaReport.of(sidecars))).hasSizeLessThan(50_000);
    }

    private static String pod(PolicyId id, Random random) {
        return id.name() + "-" + Long.toString(random.nextLong(1L << 46, 1L << 51), 36) + "-"
                + Long.toString(random.nextLong(1L << 21, 1L << 25), 36);
    }

    @Test
    void whatDoesNotFitLosesItsWordsFirstAndThenItsLastWorkloadsAndSaysSo() {
        Random random = new Random(1);
        List<ReplicaReport.Connected> sidecars = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            PolicyId id = new PolicyId("agents", "w%03d".formatted(i));
            String reason = "reason " + random.nextLong() + random.nextLong() + random.nextLong();
            sidecars.add(connected(id, pod(id, random), new ReplicaReport.Held(Optional.of("r"), Optional.of(reason))));
        }
        ReplicaReport report = ReplicaReport.of(sidecars);
        int whole = bytes(report).length;
        ReportBytes.Encoded wordless = ReportBytes.encode(report, whole - 1);
        assertThat(wordless.wordless()).isTrue();
        assertThat(wordless.cut()).isZero();
        ReplicaReport read = ReportBytes.decode(wordless.bytes()).orElseThrow();
        assertThat(read.workloads().keySet()).isEqualTo(report.workloads().keySet());
        assertThat(read.workloads().values())
                .allSatisfy(pods -> assertThat(pods.values())
                        .extracting(ReplicaReport.Held::rejected)
                        .containsExactly(Optional.of("")));
        ReportBytes.Encoded cut = ReportBytes.encode(report, 2_000);
        assertThat(cut.bytes()).hasSizeLessThanOrEqualTo(2_000);
        assertThat(cut.cut()).isBetween(1, 199);
        assertThat(ReportBytes.decode(cut.bytes()).orElseThrow().workloads())
                .hasSize(200 - cut.cut())
                .containsKey(new PolicyId("agents", "w000"))
                .doesNotContainKey(new PolicyId("agents", "w199"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "null",
                "{\"version\":2,\"workloads\":{}}",
                "{\"workloads\":{}}",
                "{\"version\":1,\"workloads\":[]}",
                "{\"version\":1,\"workloads\":{\"noslash\":[]}}"
            })
    void whatIsOfAnotherVersionOrMalformedIsNoReport(String json) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(json.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(ReportBytes.decode(bytes.toByteArray())).isEmpty();
        assertThat(ReportBytes.decode(json.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    @Test
    void aSmallGzipOfAHugeTextIsNoReport() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            byte[] spaces = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 65; i++) {
                gzip.write(spaces);
            }
            gzip.write("{\"version\":1,\"workloads\":{}}".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(ReportBytes.decode(bytes.toByteArray())).isEmpty();
    }

    private static byte[] bytes(ReplicaReport report) {
        return ReportBytes.encode(report, Integer.MAX_VALUE).bytes();
    }

    private static ReplicaReport report(ReplicaReport.Connected... sidecars) {
        return ReplicaReport.of(List.of(sidecars));
    }

    private static ReplicaReport.Connected connected(PolicyId id, String pod, ReplicaReport.Held held) {
        return new ReplicaReport.Connected(id, pod, held);
    }

    private static ReplicaReport.Held held(String revision) {
        return new ReplicaReport.Held(Optional.of(revision), Optional.empty());
    }
}
