package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code sallyport xds-server} as a process of its own, which can be killed. */
final class XdsServerProcess implements AutoCloseable {
    private final Process process;
    private final InetSocketAddress metrics;
    private final Path log;

    private XdsServerProcess(Process process, InetSocketAddress metrics, Path log) {
        this.process = process;
        this.metrics = metrics;
        this.log = log;
    }

    /** Starts it on the policies and the public roots of that directory and waits until it serves. */
    static XdsServerProcess start(Path directory, Path state, int port) throws IOException {
        return launch(
                        directory,
                        port,
                        "--policies",
                        directory.resolve("policies").toString(),
                        "--state",
                        state.toString())
                .awaitReady();
    }

    /** Starts one on these sources, with the public roots of that directory; it may never be ready. */
    static XdsServerProcess launch(Path directory, int port, String... sources) throws IOException {
        return launch(
                directory,
                port,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.sallyport.cli.Sallyport"),
                sources);
    }

    /** The same of what the launcher has built, which must be there. */
    static XdsServerProcess launchBuilt(Path directory, int port, boolean archive, String... sources)
            throws IOException {
        Path built = Path.of(System.getProperty("basedir", "."), "target");
        List<String> java = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData"));
        if (archive) {
            java.add("-XX:SharedArchiveFile=" + built.resolve("sallyport.jsa"));
        }
        java.addAll(List.of("-jar", built.resolve("sallyport-cli.jar").toString()));
        return launch(directory, port, java, sources);
    }

    private static XdsServerProcess launch(Path directory, int port, List<String> java, String... sources)
            throws IOException {
        InetSocketAddress metrics = new InetSocketAddress(InetAddress.getLoopbackAddress(), TestSidecar.nextPort());
        Path log = directory.resolve("xds-server-" + metrics.getPort() + ".log");
        List<String> command = new ArrayList<>(java);
        command.add("xds-server");
        command.addAll(List.of(sources));
        command.addAll(List.of(
                "--public-roots",
                directory.resolve("public-roots.pem").toString(),
                "--listen",
                "127.0.0.1:" + port,
                "--metrics",
                "127.0.0.1:" + metrics.getPort()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new XdsServerProcess(process, metrics, log);
    }

    /** Bytes of heap that are in use, garbage included. */
    double heap() {
        return metrics()
                .lines()
                .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** CPU time of all its threads so far. */
    double cpuSeconds() {
        return process.info()
                .totalCpuDuration()
                .map(spent -> spent.toMillis() / 1_000.0)
                .orElseThrow();
    }

    /** Bytes of its memory that are resident. */
    long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    XdsServerProcess awaitReady() {
        within(
                Duration.ofSeconds(60),
                () -> assertThat(get("/readyz").status()).as(log()).isEqualTo(200));
        return this;
    }

    /** What its readiness says, status and reason. */
    String readiness() {
        HttpReply reply = get("/readyz");
        return reply.status() + " " + reply.body().strip();
    }

    /** Without any warning. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    /** By SIGTERM; the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** Has it print what all of its threads do, as SIGQUIT does to every Java. */
    void dumpThreads() throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-QUIT", String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
        eventually(() -> assertThat(log()).contains("Full thread dump").contains("JNI global refs"));
    }

    /** Both of its streams so far. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All its metrics, as Prometheus reads them. */
    String metrics() {
        return get("/metrics").body();
    }

    /** The sum of all series of that metric. */
    double metric(String name) {
        return metrics()
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private HttpReply get(String path) {
        try (RawConnection connection = RawConnection.open(metrics)) {
            return connection
                    .request("GET " + path + " HTTP/1.1", "Host: metrics", "Connection: close")
                    .reply();
        } catch (IOException notYet) {
            return HttpReply.CLOSED;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
