package dev.sallyport.xds;

import dev.sallyport.bootstrap.Bootstrap;
import dev.sallyport.bootstrap.EnvoyArguments;
import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.EnvoyLaunch;
import dev.sallyport.bootstrap.EnvoyProcess;
import dev.sallyport.bootstrap.SdsFiles;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.bootstrap.SidecarSpec;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TlsClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/** A real Envoy that asks a {@link TestServer}, and an app behind it. */
final class RunningSidecar implements AutoCloseable {
    private static final int LOWEST_PORT = 20_000;
    private static final int BELOW_EPHEMERAL_PORTS = 32_000;
    private static final int MOST_ATTEMPTS = 100;

    private final Path directory;
    private final SidecarPorts ports;
    private final EnvoyProcess envoy;
    private final TlsClient app;
    final Queue<String> errors = new ConcurrentLinkedQueue<>();

    RunningSidecar(
            EnvoyBinary binary, Path directory, SidecarPorts ports, TestServer server, String token, String caPem)
            throws Exception {
        this.directory = directory;
        this.ports = ports;
        this.app = TlsClient.trusting(caPem);
        Files.createDirectories(directory.resolve("token"));
        Files.writeString(directory.resolve("ca.pem"), server.pki.rootPem());
        Files.writeString(directory.resolve("ca.yaml"), SdsFiles.ca(directory.resolve("ca.pem")));
        Files.writeString(directory.resolve("token.yaml"), SdsFiles.token(directory.resolve("token/token")));
        showToken(token);
        SidecarSpec spec = new SidecarSpec(
                "test",
                ports,
                new SidecarSpec.ControlPlane("127.0.0.1", server.server.port(), "xds.test"),
                new SidecarSpec.SecretFile(directory.resolve("ca.yaml"), directory),
                new SidecarSpec.SecretFile(directory.resolve("token.yaml"), directory.resolve("token")));
        this.envoy = EnvoyProcess.start(new EnvoyLaunch(
                binary.path(),
                EnvoyArguments.of(Bootstrap.yaml(spec)).rejectingUnknownFields().toList(),
                List.of(),
                line -> {},
                errors::add));
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** Ports that are free now, and that the system gives to no outgoing connection. */
    static SidecarPorts freePorts() throws IOException {
        return new SidecarPorts(freePort(), 0, "127.0.0.1", freePort(), false);
    }

    private static int freePort() throws IOException {
        IOException taken = new IOException("no free port");
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, BELOW_EPHEMERAL_PORTS);
            try (ServerSocket free = new ServerSocket(port)) {
                return free.getLocalPort();
            } catch (IOException e) {
                taken = e;
            }
        }
        throw taken;
    }

    /** The token of the next stream. */
    void showToken(String token) throws IOException {
        Path next = directory.resolve("token/next");
        Files.writeString(next, token);
        Files.move(next, directory.resolve("token/token"), StandardCopyOption.ATOMIC_MOVE);
    }

    void awaitReady() throws Exception {
        envoy.awaitReady(InetAddress.getLoopbackAddress(), ports.ready(), Duration.ofSeconds(30));
    }

    boolean isReady() {
        try (RawConnection connection = RawConnection.open(at(ports.ready()))) {
            return connection
                            .request("GET /ready HTTP/1.1", "host: ready")
                            .reply()
                            .status()
                    == 200;
        } catch (IOException refused) {
            return false;
        }
    }

    /** A tunnel to a host with TLS inside. */
    RawConnection connect(String host) throws IOException {
        return RawConnection.tunnel(at(ports.proxy()), host + ":443").startTls(app.to(host));
    }

    /** What a request on a new connection comes to: {@code 200}, {@code CONNECT 403}, or how it broke. */
    String get(String host) {
        try (RawConnection connection = RawConnection.open(at(ports.proxy()))) {
            HttpReply answer = connection.connect(host + ":443");
            if (answer.status() != 200) {
                return "CONNECT " + answer.status();
            }
            try (RawConnection tls = connection.startTls(app.to(host))) {
                return get(tls, host);
            }
        } catch (IOException e) {
            return e.toString();
        }
    }

    static String get(RawConnection connection, String host) throws IOException {
        HttpReply reply = connection.request("GET / HTTP/1.1", "host: " + host).reply();
        return reply.isClosed() ? "closed" : String.valueOf(reply.status());
    }

    @Override
    public void close() {
        envoy.close();
    }
}
