package dev.sallyport.cli;

import dev.sallyport.identity.StandaloneTokens;
import dev.sallyport.pki.AtomicFile;
import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.SystemCa;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.ControlLoop;
import dev.sallyport.snapshot.ControlLoopConfig;
import dev.sallyport.snapshot.LoopStatus;
import dev.sallyport.snapshot.WorkloadPki;
import dev.sallyport.source.file.FileSource;
import dev.sallyport.source.file.FileSourceConfig;
import dev.sallyport.xds.SidecarStatus;
import dev.sallyport.xds.XdsServer;
import dev.sallyport.xds.XdsServerConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane on one machine: files in, sidecars served. The composition root of {@code run}, {@code demo} and {@code xds-server}. Constructing it reads the state directory and the public roots, {@link #start} begins to
 * serve, {@link #close} ends in the reverse order.
 */
public final class StandaloneControlPlane implements ControlPlaneService {
    /** The name in the server's certificate, whatever the address that sidecars connect to. */
    public static final String SERVER_NAME = "sallyport-xds.sallyport-system.svc";

    private static final Logger LOG = LoggerFactory.getLogger(StandaloneControlPlane.class);

    /**
     * What it is given.
     *
     * @param policies files, and directories of files
     * @param secrets a directory of Secrets
     * @param configMaps a directory of ConfigMaps
     * @param state its own directory, made where it does not exist
     * @param listen where sidecars connect; port 0: any that is free
     * @param publicRoots PEM file; empty: those of the machine
     * @param drainTime how long sidecars keep connections of a host that was taken away
     */
    public record Options(
            List<Path> policies,
            Optional<Path> secrets,
            Optional<Path> configMaps,
            Path state,
            InetSocketAddress listen,
            Optional<Path> publicRoots,
            Duration drainTime) {
        /** A free port of loopback, the machine's roots, the default drain time. */
        public static Options of(List<Path> policies, Optional<Path> secrets, Optional<Path> configMaps, Path state) {
            InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            return new Options(
                    policies,
                    secrets,
                    configMaps,
                    state,
                    loopback,
                    Optional.empty(),
                    ControlLoopConfig.DEFAULT.drainTime());
        }

        /** The same with another address to listen on. */
        public Options listeningOn(InetSocketAddress address) {
            return new Options(policies, secrets, configMaps, state, address, publicRoots, drainTime);
        }

        /** The same with other public roots. */
        public Options trusting(Optional<Path> roots) {
            return new Options(policies, secrets, configMaps, state, listen, roots, drainTime);
        }
    }

    /** All sidecars of a workload on this machine show the same token. */
    private static final int STREAMS_PER_TOKEN = 1_000;

    private final StateDirectory state;
    private final FileSource source;
    private final ControlLoop loop;
    private final XdsServer server;
    private final WorkloadFiles files;
    private final SystemCa systemCa;
    private final StatusSocket statusSocket;
    private final Options options;

    /** Takes the state directory. */
    public StandaloneControlPlane(Options options, MeterRegistry meters, Clock clock) throws IOException {
        this.options = options;
        PublicRoots roots = PublicRoots.load(options.publicRoots());
        roots.problems().forEach(problem -> LOG.info("public roots: {}", problem));
        state = StateDirectory.open(options.state());
        RootSeed seed = RootSeed.loadOrCreate(state.seed());
        WorkloadCas cas = new WorkloadCas(seed, clock);
        StandaloneTokens tokens = new StandaloneTokens(seed, clock);
        systemCa = new SystemCa(seed, clock);
        source = new FileSource(FileSourceConfig.of(options.policies(), options.secrets(), options.configMaps()));
        loop = new ControlLoop(
                new ControlLoopConfig(options.drainTime(), ControlLoopConfig.DEFAULT.longestWait()),
                new WorkloadPki(seed, cas, new LeafIssuer(seed, cas, clock), roots),
                clock,
                meters);
        files = new WorkloadFiles(state, cas, roots, tokens, clock);
        server = new XdsServer(
                XdsServerConfig.listeningOn(options.listen()).withStreamsPerSidecar(STREAMS_PER_TOKEN),
                loop,
                tokens.verifier(),
                new ServerIdentity(systemCa.issue(List.of(SERVER_NAME)))::current,
                meters,
                clock);
        statusSocket = new StatusSocket(
                state.statusSocket(), () -> StatusReport.of(this).json());
    }

    /** Begins to serve. A port that is in use is a {@link UserError}. */
    @Override
    public void start() throws IOException {
        AtomicFile.replace(state.xdsCa(), systemCa.pem().getBytes(StandardCharsets.US_ASCII), AtomicFile.PUBLIC);
        loop.onPublished(files::update);
        loop.start();
        source.start(loop::accept);
        files.start(systemCa);
        XdsListening.start(server, options.listen());
        statusSocket.start();
    }

    @Override
    public int listenPort() {
        return server.port();
    }

    @Override
    public Optional<String> notReady() {
        return loop.synced() ? Optional.empty() : Optional.of("the policies were not read yet");
    }

    /** A file that always holds a token for sidecars of that workload. */
    public Path tokenFile(PolicyId workload) throws IOException {
        return files.token(workload);
    }

    /** The directory of the files that the workload's apps trust their sidecar by, kept up to date. */
    public Path trust(PolicyId workload) throws IOException {
        return files.trust(workload);
    }

    /** The CA certificates that sidecars check this control plane with. */
    public Path xdsCa() {
        return state.xdsCa();
    }

    /** What the control loop sees. */
    public LoopStatus status() {
        return loop.status();
    }

    /** The sidecars that are connected. */
    public List<SidecarStatus> sidecars() {
        return server.sidecars().sidecars();
    }

    Path state() {
        return state.path();
    }

    @Override
    public void close() throws IOException {
        statusSocket.close();
        server.close();
        source.close();
        loop.close();
        files.close();
        state.close();
    }
}
