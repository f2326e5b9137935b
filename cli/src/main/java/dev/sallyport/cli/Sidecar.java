package dev.sallyport.cli;

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
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A running Envoy with the configuration of a sidecar. */
final class Sidecar implements AutoCloseable {
    private final EnvoyProcess envoy;
    private final SidecarPorts ports;

    private Sidecar(EnvoyProcess envoy, SidecarPorts ports) {
        this.envoy = envoy;
        this.ports = ports;
    }

    /**
     * What a sidecar is started with.
     *
     * @param nodeId a label for logs and status
     * @param prefix a command that executes Envoy; empty: none
     * @param accessLog takes each line
     * @param errors takes each line of what Envoy complains about
     */
    record Launch(
            EnvoyBinary envoy,
            String nodeId,
            ControlPlane controlPlane,
            SidecarFiles files,
            List<String> prefix,
            Consumer<String> accessLog,
            Consumer<String> errors) {}

    /** Starts it; it is not ready yet. */
    static Sidecar start(Launch launch, SidecarPorts ports) throws IOException {
        SidecarSpec spec = new SidecarSpec(
                launch.nodeId(),
                ports,
                launch.controlPlane(),
                file(
                        launch.files().directory().resolve("xds-ca.sds.yaml"),
                        SdsFiles.ca(launch.files().xdsCa()),
                        launch.files().xdsCa()),
                file(
                        launch.files().directory().resolve("xds-token.sds.yaml"),
                        SdsFiles.token(launch.files().token()),
                        launch.files().token()));
        // On one machine somebody watches the log.
        EnvoyArguments arguments = EnvoyArguments.of(Bootstrap.yaml(spec)).withAccessLogDelay(Duration.ofMillis(100));
        return new Sidecar(
                EnvoyProcess.start(new EnvoyLaunch(
                        launch.envoy().path(),
                        arguments.toList(),
                        launch.prefix(),
                        launch.accessLog(),
                        launch.errors())),
                ports);
    }

    SidecarPorts ports() {
        return ports;
    }

    boolean isAlive() {
        return envoy.isAlive();
    }

    /** Waits until it has its configuration. */
    void awaitReady(Duration timeout) throws IOException {
        envoy.awaitReady(InetAddress.getByName(ports.readyAddress()), ports.ready(), timeout);
    }

    CompletableFuture<Integer> onExit() {
        return envoy.onExit();
    }

    long pid() {
        return envoy.pid();
    }

    @Override
    public void close() {
        envoy.close();
    }

    /** The file says where the secret lies, and holds none; whoever runs the sidecar may be another user. */
    private static SecretFile file(Path sds, String yaml, Path secret) throws IOException {
        Files.writeString(sds, yaml);
        return new SecretFile(sds, Path.of(String.valueOf(secret.getParent())));
    }
}
