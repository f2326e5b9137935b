package dev.sallyport.cli;

import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.policy.PolicyId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sallyport sidecar}. */
@Command(
        name = "sidecar",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Runs Envoy as a workload's sidecar where there is no Pod: on a VM, or beside a container.",
            "",
            "The token and CA files are those of the control plane's state directory, or copies; they are read again when they are replaced. Apps find the sidecar by https_proxy=http://127.0.0.1:PORT, and trust it by the files in trust/NS/NAME/ of that directory."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sallyport sidecar --workload agents/coder --xds 127.0.0.1:18000 \\",
            "      --token-file /var/lib/sallyport/tokens/agents/coder/token \\",
            "      --ca-file /var/lib/sallyport/xds-ca.pem",
            "",
            "The access log goes to stdout, or to --access-log. On stderr is when the sidecar",
            "is ready, and as long as it is not, why: it lets nothing out until it is.",
            "Exit codes: 0 after SIGTERM or SIGINT; otherwise Envoy's."
        })
final class SidecarCommand implements Callable<Integer> {
    @Option(
            names = "--workload",
            required = true,
            paramLabel = "NAMESPACE/NAME",
            description = "A label for logs and status; the token decides.")
    private String workload = "";

    @Option(
            names = "--xds",
            required = true,
            paramLabel = "HOST:PORT",
            converter = HostAndPort.Converter.class,
            description = "Where the control plane listens.")
    private HostAndPort xds = new HostAndPort("", 0);

    @Option(names = "--token-file", required = true, paramLabel = "FILE", description = "The workload's token.")
    private Path tokenFile = Path.of("");

    @Option(
            names = "--ca-file",
            required = true,
            paramLabel = "FILE",
            description = "The CA certificates that the control plane is checked with.")
    private Path caFile = Path.of("");

    @Option(
            names = "--proxy-port",
            paramLabel = "PORT",
            description = "Port of the proxy on 127.0.0.1 (default: 15001).")
    private int proxyPort = SidecarPorts.DEFAULT.proxy();

    @Option(
            names = "--capture-port",
            paramLabel = "PORT",
            description = "Port that packet rules redirect to; 0: none (default: 0).")
    private int capturePort;

    @Option(
            names = "--ready",
            paramLabel = "ADDRESS:PORT",
            converter = HostAndPort.Converter.class,
            description = "Where GET /ready is answered (default: 127.0.0.1:15021).")
    private HostAndPort ready = new HostAndPort("127.0.0.1", SidecarPorts.DEFAULT.ready());

    @Option(
            names = "--envoy",
            paramLabel = "PATH",
            description = "The Envoy to use (default: $ENVOY, then PATH, then the pinned one, fetched once).")
    private @Nullable Path envoy;

    @Option(
            names = "--access-log",
            paramLabel = "FILE",
            description = "Append the access log to this file instead of printing it.")
    private @Nullable Path accessLog;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PolicyId id = workload();
        PolicyChoice.require(tokenFile, "--token-file");
        PolicyChoice.require(caFile, "--ca-file");
        ControlPlaneProbe probe = ControlPlaneProbe.of(xds, caFile, tokenFile);
        SidecarPorts ports = ports();
        FreePorts.require(ports);
        EnvoyBinary binary =
                EnvoyBinary.locate(envoy, System.getenv(), line -> System.err.println("sallyport: " + line));
        SidecarEnd end = new SidecarEnd();
        Signals.onEnd(end::ask);
        Path directory = Files.createTempDirectory("sallyport-sidecar-");
        try (AccessLog log = AccessLog.to(Optional.ofNullable(accessLog))) {
            Consumer<String> lines = accessLog == null ? System.out::println : log::append;
            Sidecar.Launch launch = new Sidecar.Launch(
                    binary,
                    id.toString(),
                    new ControlPlane(xds.host(), xds.port(), StandaloneControlPlane.SERVER_NAME),
                    new SidecarFiles(tokenFile.toAbsolutePath(), caFile.toAbsolutePath(), directory),
                    List.of(),
                    lines,
                    probe::errorOfEnvoy);
            try (Sidecar sidecar = Sidecar.start(launch, ports);
                    SidecarProgress progress = new SidecarProgress(sidecar, probe)) {
                progress.start();
                return end.await(sidecar);
            }
        } finally {
            delete(directory);
        }
    }

    private PolicyId workload() {
        String[] parts = workload.split("/", -1);
        if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new UserError(ExitCode.USAGE, "--workload " + workload + " (expected: NAMESPACE/NAME)");
        }
        return new PolicyId(parts[0], parts[1]);
    }

    private SidecarPorts ports() {
        try {
            return new SidecarPorts(proxyPort, capturePort, ready.host(), ready.port(), capturePort != 0);
        } catch (IllegalArgumentException e) {
            throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
