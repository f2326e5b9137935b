package dev.sallyport.cli;

import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.cli.Launched.Result;
import dev.sallyport.testing.TestNetwork;
import dev.sallyport.testing.TestPki;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./sallyport xds-server}, {@code sidecar} and {@code demo} as processes. */
class ServicesTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path dir;

    @BeforeEach
    void aPolicy() throws IOException {
        TestNetwork.require();
        Files.writeString(
                Files.createDirectories(dir.resolve("policies")).resolve("p.yaml"),
                "apiVersion: sallyport.dev/v1alpha1\nkind: EgressPolicy\nmetadata: {name: p, namespace: agents}\nspec: {hosts: [{host: api.example.com}]}\n");
    }

    @Test
    void anXdsServerServesItsMetricsAndASidecarAndBothEndInOrder() throws Exception {
        try (Launched server = xdsServer("127.0.0.1:0", "127.0.0.1:0")) {
            int metrics = port(server, "metrics on port (\\d+)");
            int listen = port(server, "serving sidecars on port (\\d+)");
            within(LONG, () -> assertThat(get(metrics, "/readyz")).isEqualTo("200 ok\n"));
            assertThat(get(metrics, "/healthz")).isEqualTo("200 ok\n");
            assertThat(get(metrics, "/nothing")).startsWith("404 ");
            Path token = dir.resolve("token");
            Files.writeString(token, "not a token");
            try (Launched sidecar = sidecar(listen, dir.resolve("state/xds-ca.pem"), token)) {
                within(LONG, () -> assertThat(sidecar.errors()).contains("refuses the token in " + token));
                Path next = Files.copy(dir.resolve("state/tokens/agents/p/token"), dir.resolve("next"));
                Files.move(next, token, StandardCopyOption.ATOMIC_MOVE);
                within(
                        LONG,
                        () -> assertThat(sidecar.errors())
                                .contains("sallyport: ready: the proxy is http://127.0.0.1:"));
                ProcessHandle envoy =
                        sidecar.process().toHandle().descendants().findFirst().orElseThrow();
                assertThat(names(get(metrics, "/metrics")))
                        .isSubsetOf(documented())
                        .hasSizeGreaterThan(15);
                sidecar.signal("TERM");
                Result end = sidecar.end();
                assertThat(end.code()).as(end.err()).isZero();
                assertThat(end.err().lines().filter(line -> line.contains("refuses the token")))
                        .hasSize(1);
                assertThat(envoy.isAlive()).isFalse();
            }
            server.signal("TERM");
            Result end = server.end();
            assertThat(end.code()).as(end.err()).isZero();
            assertThat(end.err().lines().toList()).last().asString().contains("\"ending\"");
        }
    }

    @Test
    void aSidecarSaysWhatKeepsItFromItsControlPlane() throws Exception {
        Path pem = Files.writeString(dir.resolve("other.pem"), new TestPki("another").rootPem());
        Path token = Files.writeString(dir.resolve("token"), "a.b.c");
        // Nobody listens there in the network of the tests.
        try (Launched sidecar = sidecar(9, pem, token)) {
            within(
                    LONG,
                    () -> assertThat(sidecar.errors())
                            .contains("sallyport: not ready: the control plane 127.0.0.1:9 cannot be reached: "));
        }
        try (Launched server = xdsServer("127.0.0.1:0", "127.0.0.1:0")) {
            int listen = port(server, "serving sidecars on port (\\d+)");
            try (Launched sidecar = sidecar(listen, pem, token)) {
                within(
                        LONG,
                        () -> assertThat(sidecar.errors())
                                .contains("sallyport: not ready: the certificate of 127.0.0.1:" + listen
                                        + " is not one that " + pem));
            }
        }
        assertThat(sidecarEnds(dir.resolve("none.pem"), token)).contains("none.pem: no such file");
        assertThat(sidecarEnds(token, token)).contains("has no certificates");
        assertThat(sidecarEnds(pem, Files.writeString(dir.resolve("empty"), "\n")))
                .contains("is empty");
    }

    @Test
    void aPortThatIsInUseIsOneLine() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String taken = "127.0.0.1:" + other.getLocalPort();
            for (String[] addresses : new String[][] {{taken, "127.0.0.1:0"}, {"127.0.0.1:0", taken}}) {
                try (Launched server = xdsServer(addresses[0], addresses[1])) {
                    Result end = server.end();
                    assertThat(end.code()).isEqualTo(ExitCode.FAILED);
                    assertThat(end.err().lines().filter(line -> line.startsWith("sallyport: ")))
                            .singleElement()
                            .asString()
                            .contains("cannot listen on " + taken, "choose another");
                    assertThat(end.err()).doesNotContain("\tat ");
                }
            }
        }
    }

    @Test
    void isNotReadyBeforeThePoliciesWereRead() throws Exception {
        AtomicBoolean synced = new AtomicBoolean();
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (MetricsServer server = new MetricsServer(
                any,
                meters,
                () -> synced.get() ? Optional.empty() : Optional.of("not yet"),
                () -> Optional.of("pods are stale"))) {
            server.start();
            assertThat(get(server.port(), "/readyz")).isEqualTo("503 not yet\n");
            synced.set(true);
            assertThat(get(server.port(), "/readyz")).isEqualTo("200 ok; pods are stale\n");
        } finally {
            meters.close();
        }
    }

    @Test
    void theDemoShowsEveryVerdict() throws Exception {
        try (Launched demo = Launched.start(dir, "demo", "--output", "json")) {
            Result end = demo.end();
            assertThat(end.code()).as(end.err()).isZero();
            JsonNode checks = new ObjectMapper().readTree(end.out());
            assertThat(checks).hasSize(18).allMatch(check -> check.path("ok").asBoolean());
            assertThat(end.err().lines()).allMatch(line -> line.startsWith("sallyport: "));
        }
    }

    private Launched xdsServer(String listen, String metrics) throws IOException {
        return Launched.start(
                dir,
                "xds-server",
                "--policies",
                dir.resolve("policies").toString(),
                "--state",
                dir.resolve("state").toString(),
                "--listen",
                listen,
                "--metrics",
                metrics);
    }

    private Launched sidecar(int xds, Path ca, Path token) throws IOException {
        return Launched.start(
                dir,
                "sidecar",
                "--workload",
                "agents/p",
                "--xds",
                "127.0.0.1:" + xds,
                "--ca-file",
                ca.toString(),
                "--token-file",
                token.toString(),
                "--ready",
                "127.0.0.1:15021");
    }

    private String sidecarEnds(Path ca, Path token) throws Exception {
        try (Launched sidecar = sidecar(1, ca, token)) {
            Result end = sidecar.end();
            assertThat(end.code()).isEqualTo(ExitCode.FAILED);
            return end.line();
        }
    }

    private static int port(Launched server, String pattern) {
        Pattern line = Pattern.compile(pattern);
        within(LONG, () -> assertThat(server.errors()).containsPattern(line));
        try {
            Matcher found = line.matcher(server.errors());
            assertThat(found.find()).isTrue();
            return Integer.parseInt(found.group(1));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Families of our own metrics, without the suffixes of their series. */
    private static SortedSet<String> names(String scraped) {
        return Pattern.compile("(?m)^# TYPE (sallyport_\\S+) ")
                .matcher(scraped)
                .results()
                .map(match -> match.group(1).replaceFirst("_max$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static SortedSet<String> documented() throws IOException {
        return Pattern.compile("(?m)^\\| `(sallyport_\\w+)` ")
                .matcher(Files.readString(Path.of("..", "docs", "METRICS.md")))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String get(int port, String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        int status = connection.getResponseCode();
        try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return status + " " + new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
