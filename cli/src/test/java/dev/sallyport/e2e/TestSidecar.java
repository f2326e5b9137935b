package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.bootstrap.Bootstrap;
import dev.sallyport.bootstrap.EnvoyArguments;
import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.EnvoyLaunch;
import dev.sallyport.bootstrap.EnvoyProcess;
import dev.sallyport.bootstrap.SdsFiles;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.bootstrap.SidecarSpec;
import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.bootstrap.SidecarSpec.SecretFile;
import dev.sallyport.testing.Envoys;
import dev.sallyport.testing.RawConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A real Envoy that got its configuration from a control plane, and all that it has said. */
final class TestSidecar implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LOG_DELAY = Duration.ofMillis(10);

    /** Nobody else is in this network, and these are no ports for outgoing connections. */
    private static final AtomicInteger NEXT_PORT = new AtomicInteger(15_001);

    private static final String MARKER = ".end-of-the-log.example";

    private final EnvoyProcess envoy;
    private final SidecarPorts ports;
    private final List<String> accessLog;
    private final List<String> errors;
    private int markers;
    private int read;

    private TestSidecar(EnvoyProcess envoy, SidecarPorts ports, List<String> accessLog, List<String> errors) {
        this.envoy = envoy;
        this.ports = ports;
        this.accessLog = accessLog;
        this.errors = errors;
    }

    /** Starts the Envoy that is tested; it is not ready yet. */
    static TestSidecar start(Path directory, ControlPlane controlPlane, Path ca, Path token) throws IOException {
        return start(Envoys.underTest(), directory, controlPlane, ca, token);
    }

    /** Starts one of a certain version. */
    static TestSidecar start(EnvoyBinary binary, Path directory, ControlPlane controlPlane, Path ca, Path token)
            throws IOException {
        return start(binary, directory, controlPlane, ca, token, UnaryOperator.identity());
    }

    /** Starts one that tells all that Envoy has to tell, which none of our commands does. */
    static TestSidecar startTalkative(Path directory, ControlPlane controlPlane, Path ca, Path token)
            throws IOException {
        return start(
                Envoys.underTest(),
                directory,
                controlPlane,
                ca,
                token,
                level -> level.equals("warning") ? "debug" : level);
    }

    private static TestSidecar start(
            EnvoyBinary binary,
            Path directory,
            ControlPlane controlPlane,
            Path ca,
            Path token,
            UnaryOperator<String> arguments)
            throws IOException {
        SidecarPorts ports = new SidecarPorts(nextPort(), 0, "127.0.0.1", nextPort(), true);
        SidecarSpec spec = new SidecarSpec(
                "test/" + directory.getFileName(),
                ports,
                controlPlane,
                secret(directory.resolve("ca.sds.yaml"), SdsFiles.ca(ca), ca),
                secret(directory.resolve("token.sds.yaml"), SdsFiles.token(token), token));
        List<String> accessLog = new CopyOnWriteArrayList<>();
        List<String> errors = new CopyOnWriteArrayList<>();
        EnvoyProcess envoy = EnvoyProcess.start(new EnvoyLaunch(
                binary.path(),
                EnvoyArguments.of(Bootstrap.yaml(spec))
                        .withAccessLogDelay(LOG_DELAY)
                        .rejectingUnknownFields()
                        .toList()
                        .stream()
                        .map(arguments)
                        .toList(),
                List.of(),
                accessLog::add,
                errors::add));
        return new TestSidecar(envoy, ports, accessLog, errors);
    }

    static int nextPort() {
        return NEXT_PORT.getAndIncrement();
    }

    TestSidecar awaitReady() throws IOException {
        envoy.awaitReady(InetAddress.getByName(ports.readyAddress()), ports.ready(), PATIENCE);
        return this;
    }

    InetSocketAddress proxy() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.proxy());
    }

    InetSocketAddress readiness() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.ready());
    }

    boolean isAlive() {
        return envoy.isAlive();
    }

    long pid() {
        return envoy.pid();
    }

    /** What it complained about. */
    List<String> errors() {
        return List.copyOf(errors);
    }

    /** All lines so far, as text. */
    List<String> rawLog() {
        return List.copyOf(accessLog);
    }

    /** The lines of what has happened since the last call, none of them still on its way. */
    synchronized List<AccessLogLine> newLogLines() {
        String marker = ++markers + MARKER;
        try (RawConnection connection = RawConnection.open(proxy())) {
            // A port that no policy has, so that it is refused also where any name is allowed.
            connection.connect(marker + ":1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        eventually(() -> assertThat(accessLog).anyMatch(line -> line.contains(marker)));
        List<AccessLogLine> lines = accessLog.subList(read, accessLog.size()).stream()
                .filter(line -> !line.contains(MARKER))
                .map(AccessLogLine::parse)
                .toList();
        read += lines.size() + 1;
        return lines;
    }

    /** Memory that is its own (not the pages of the program's file), in bytes. */
    long anonymousMemory() {
        try {
            return Files.readAllLines(Path.of("/proc", String.valueOf(pid()), "status")).stream()
                    .filter(line -> line.startsWith("RssAnon:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        envoy.close();
    }

    private static SecretFile secret(Path sds, String yaml, Path secret) throws IOException {
        Files.writeString(sds, yaml);
        return new SecretFile(sds, Objects.requireNonNull(secret.getParent()));
    }
}
