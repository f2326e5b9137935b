package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.cli.StandaloneControlPlane;
import dev.sallyport.cli.StandaloneControlPlane.Options;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.testing.Envoys;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** A control plane on files of a directory of its own, and the sidecars it serves. */
final class Machine implements AutoCloseable {
    /** Of {@link #P}. */
    static final PolicyId AGENTS_P = new PolicyId("agents", "p");

    /** The value of the Secret agents/api. */
    static final String KEY = "sk-test-0123456789";

    /** The policy that CASES.md is about. */
    static final String P = """
            apiVersion: sallyport.dev/v1alpha1
            kind: EgressPolicy
            metadata: {name: p, namespace: agents}
            spec:
              hosts:
              - host: api.example.com
                ports: [443, 8443]
                credentials:
                - {header: x-api-key, valueFrom: {secretKeyRef: {name: api, key: token}}}
                - {header: authorization, format: "Bearer {value}", valueFrom: {secretKeyRef: {name: api, key: token}}}
              - host: b.example.com
              - host: "*.wild.example.com"
              - {host: bad.wild.example.com, action: Deny}
              - {host: pin.example.com, tls: Passthrough}
            """;

    private static final Duration DRAIN = Duration.ofSeconds(15);

    private final Path directory;
    private final InetSocketAddress listen;
    private final List<TestSidecar> sidecars = new ArrayList<>();
    private final Clock clock;
    private SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private StandaloneControlPlane controlPlane;

    private Machine(Path directory, Clock clock) throws IOException {
        this.directory = directory;
        this.clock = clock;
        this.listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), TestSidecar.nextPort());
        this.controlPlane = newControlPlane();
    }

    /** Starts one with these policies and the Secret {@code agents/api}. */
    static Machine with(String policies) {
        return with(policies, Clock.systemUTC());
    }

    /** The same with another clock for its control plane. */
    static Machine with(String policies, Clock clock) {
        try {
            Path directory = Files.createTempDirectory("sallyport-e2e-");
            Files.createDirectories(directory.resolve("policies"));
            Files.createDirectories(directory.resolve("secrets"));
            Files.writeString(
                    directory.resolve("public-roots.pem"), Internet.get().publicRoots());
            replace(directory.resolve("policies/policies.yaml"), policies);
            replace(directory.resolve("policies/secrets.yaml"), secret("api", "token", KEY));
            Machine machine = new Machine(directory, clock);
            machine.controlPlane.start();
            return machine;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A Secret of the namespace agents, as kubectl would take it. */
    static String secret(String name, String key, String value) {
        return """
                apiVersion: v1
                kind: Secret
                metadata: {name: %s, namespace: agents}
                stringData:
                  %s: "%s"
                """.formatted(name, key, value);
    }

    /** Replaces all policies. */
    void policies(String yaml) {
        file("policies.yaml", yaml);
    }

    /** Replaces all Secrets. */
    void secrets(String yaml) {
        file("secrets.yaml", yaml);
    }

    /** Replaces a file beside the policies, in one step. */
    void file(String name, String content) {
        replace(directory.resolve("policies").resolve(name), content);
    }

    /** A ready sidecar of the workload agents/p. */
    TestSidecar sidecar() {
        return sidecar(AGENTS_P);
    }

    /** A ready sidecar of that workload. */
    TestSidecar sidecar(PolicyId workload) {
        try {
            return startSidecar(workload).awaitReady();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that may not become ready. */
    TestSidecar startSidecar(PolicyId workload) throws IOException {
        return startSidecar(workload, Envoys.underTest());
    }

    /** One of a certain version, that may not become ready. */
    TestSidecar startSidecar(PolicyId workload, EnvoyBinary envoy) throws IOException {
        TestSidecar sidecar = TestSidecar.start(
                envoy,
                Files.createTempDirectory(directory, "sidecar-"),
                new ControlPlane("127.0.0.1", listen.getPort(), StandaloneControlPlane.SERVER_NAME),
                controlPlane.xdsCa(),
                controlPlane.tokenFile(workload));
        sidecars.add(sidecar);
        return sidecar;
    }

    /** A ready one of agents/p whose Envoy tells all it can. */
    TestSidecar talkativeSidecar() throws IOException {
        TestSidecar sidecar = TestSidecar.startTalkative(
                Files.createTempDirectory(directory, "sidecar-"),
                new ControlPlane("127.0.0.1", listen.getPort(), StandaloneControlPlane.SERVER_NAME),
                controlPlane.xdsCa(),
                controlPlane.tokenFile(AGENTS_P));
        sidecars.add(sidecar);
        return sidecar.awaitReady();
    }

    /** An app of a workload, that trusts what its trust bundle says. */
    App app(PolicyId workload, TestSidecar sidecar) {
        return new App(sidecar.proxy(), caFile(workload));
    }

    /** An app of the workload agents/p. */
    App app(TestSidecar sidecar) {
        return app(AGENTS_P, sidecar);
    }

    /** The CA certificates of a workload. */
    Path caFile(PolicyId workload) {
        try {
            return controlPlane.trust(workload).resolve("ca.pem");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many resources of that type this control plane has sent since it was started. */
    double sent(ResourceType type) {
        return meters.get("sallyport.xds.resources")
                .tag("type", type.name().toLowerCase(Locale.ROOT))
                .counter()
                .count();
    }

    /** How many responses of that type. */
    double responses(ResourceType type) {
        return meters.get("sallyport.xds.responses")
                .tag("type", type.name().toLowerCase(Locale.ROOT))
                .counter()
                .count();
    }

    double certificatesIssued() {
        return meters.get("sallyport.certificates.issued").counter().count();
    }

    /** What the control plane says of a workload. */
    WorkloadStatus status(PolicyId workload) {
        return Objects.requireNonNull(controlPlane.status().workloads().get(workload));
    }

    StandaloneControlPlane controlPlane() {
        return controlPlane;
    }

    Path directory() {
        return directory;
    }

    /** Waits until every connected sidecar holds what the files say. Says nothing about files that were not read yet. */
    void awaitCurrent() {
        eventually(() -> assertThat(controlPlane.sidecars()).isNotEmpty().allMatch(sidecar -> sidecar.isCurrent()));
    }

    /** Ends the control plane; its files stay. */
    void stopControlPlane() throws IOException {
        controlPlane.close();
    }

    /** Starts another one on the same files, address and state. */
    void startControlPlane() throws IOException {
        controlPlane = newControlPlane();
        controlPlane.start();
    }

    @Override
    public void close() throws IOException {
        for (TestSidecar sidecar : sidecars) {
            sidecar.close();
        }
        controlPlane.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private StandaloneControlPlane newControlPlane() throws IOException {
        Options options = new Options(
                List.of(directory.resolve("policies")),
                Optional.of(directory.resolve("secrets")),
                Optional.empty(),
                directory.resolve("state"),
                listen,
                Optional.of(directory.resolve("public-roots.pem")),
                DRAIN);
        meters = new SimpleMeterRegistry();
        return new StandaloneControlPlane(options, meters, clock);
    }

    private static void replace(Path file, String content) {
        try {
            Path draft = Files.writeString(file.resolveSibling("." + file.getFileName() + ".new"), content);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
