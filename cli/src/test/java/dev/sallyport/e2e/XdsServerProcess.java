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
        InetSocketAddress metrics = new InetSocketAddress(InetAddress.getLoopbackAddress(), TestSidecar.nextPort());
        Path log = directory.resolve("xds-server-" + metrics.getPort() + ".log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.sallyport.cli.Sallyport",
                        "xds-server",
                        "--policies",
                        directory.resolve("policies").toString(),
                        "--state",
                        state.toString(),
                        "--public-roots",
                        directory.resolve("public-roots.pem").toString(),
                        "--listen",
                        "127.0.0.1:" + port,
                        "--metrics",
                        "127.0.0.1:" + metrics.getPort()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        XdsServerProcess server = new XdsServerProcess(process, metrics, log);
        within(
                Duration.ofSeconds(60),
                () -> assertThat(server.get("/readyz").status())
                        .as(server.log())
                        .isEqualTo(200));
        return server;
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
