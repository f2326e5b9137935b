package dev.sallyport.e2e;

import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.cli.StandaloneControlPlane;
import dev.sallyport.identity.StandaloneTokens;
import dev.sallyport.pki.LeafCertificate;
import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.SystemCa;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.ControlLoop;
import dev.sallyport.snapshot.ControlLoopConfig;
import dev.sallyport.snapshot.WorkloadPki;
import dev.sallyport.source.file.FileSource;
import dev.sallyport.source.file.FileSourceConfig;
import dev.sallyport.xds.SidecarStatus;
import dev.sallyport.xds.TlsIdentity;
import dev.sallyport.xds.XdsServer;
import dev.sallyport.xds.XdsServerConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** A second control plane on the files and the seed of a {@link Machine}, which alters what it sends. For controls: what happens when a guard is not there. */
final class AlteredControlPlane implements AutoCloseable {
    private final Machine machine;
    private final FileSource source;
    private final ControlLoop loop;
    private final XdsServer server;

    private AlteredControlPlane(Machine machine, Without alteration) throws IOException {
        Clock clock = Clock.systemUTC();
        RootSeed seed =
                RootSeed.loadOrCreate(machine.directory().resolve("state").resolve("seed"));
        WorkloadCas cas = new WorkloadCas(seed, clock);
        LeafCertificate identity = new SystemCa(seed, clock)
                .issue(List.of(StandaloneControlPlane.SERVER_NAME))
                .current();
        TlsIdentity tls = TlsIdentity.ofPem(identity.chainPem(), identity.keyPem());
        this.machine = machine;
        this.source = new FileSource(FileSourceConfig.of(
                List.of(machine.directory().resolve("policies")), Optional.empty(), Optional.empty()));
        this.loop = new ControlLoop(
                ControlLoopConfig.DEFAULT,
                new WorkloadPki(
                        seed,
                        cas,
                        new LeafIssuer(seed, cas, clock),
                        PublicRoots.load(Optional.of(machine.directory().resolve("public-roots.pem")))),
                clock,
                new SimpleMeterRegistry());
        this.server = new XdsServer(
                XdsServerConfig.listeningOn(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                new AlteredSnapshots(loop, alteration),
                new StandaloneTokens(seed, clock).verifier(),
                () -> tls,
                new SimpleMeterRegistry(),
                clock);
    }

    static AlteredControlPlane start(Machine machine, Without alteration) throws IOException {
        AlteredControlPlane started = new AlteredControlPlane(machine, alteration);
        started.loop.start();
        started.source.start(started.loop::accept);
        started.server.start();
        return started;
    }

    /** A ready sidecar of that workload, which the caller closes. */
    TestSidecar sidecar(PolicyId workload) throws IOException {
        return startSidecar(workload).awaitReady();
    }

    /** One that may not become ready. */
    TestSidecar startSidecar(PolicyId workload) throws IOException {
        return TestSidecar.start(
                Files.createTempDirectory(machine.directory(), "sidecar-"),
                new ControlPlane("127.0.0.1", server.port(), StandaloneControlPlane.SERVER_NAME),
                machine.controlPlane().xdsCa(),
                machine.controlPlane().tokenFile(workload));
    }

    /** What its sidecars have said. */
    List<SidecarStatus> sidecars() {
        return server.sidecars().sidecars();
    }

    @Override
    public void close() throws IOException {
        server.close();
        source.close();
        loop.close();
    }
}
