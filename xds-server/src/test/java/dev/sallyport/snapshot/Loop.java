package dev.sallyport.snapshot;

import dev.sallyport.pki.LeafIssuer;
import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.RootSeed;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.testing.TestClock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The control loop without its thread: a test makes its steps. */
final class Loop {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    static final PolicyId P = new PolicyId("agents", "p");
    static final PolicyId Q = new PolicyId("agents", "q");
    static final Duration DRAIN = ControlLoopConfig.DEFAULT.drainTime();

    final TestClock clock = new TestClock(START);
    final Source source = new Source();
    final MeterRegistry meters = new SimpleMeterRegistry();
    final SnapshotStore store = new SnapshotStore();
    final List<PublishedWorkload> published = new ArrayList<>();
    final SnapshotFactory factory;
    private final WorkloadPki pki;
    private final List<Snapshots.AutoCloseableQuietly> watches = new ArrayList<>();
    final Reconciler reconciler;

    Loop() {
        this(1);
    }

    Loop(int seed) {
        LoopMetrics metrics = new LoopMetrics(meters);
        pki = pki(seed, clock);
        factory = new SnapshotFactory(pki, DRAIN, metrics);
        reconciler = new Reconciler(factory, store, metrics, published::add);
    }

    WorkloadCas cas() {
        return pki.cas();
    }

    static WorkloadPki pki(int seed, TestClock clock) {
        RootSeed root = seed(seed);
        WorkloadCas cas = new WorkloadCas(root, clock);
        return new WorkloadPki(root, cas, new LeafIssuer(root, cas, clock), roots());
    }

    private static RootSeed seed(int seed) {
        byte[] bytes = new byte[RootSeed.LENGTH];
        bytes[0] = (byte) seed;
        return RootSeed.of(bytes);
    }

    /** Any CA will do. */
    private static PublicRoots roots() {
        try {
            Path file = Files.createTempFile("roots", ".pem");
            try {
                Files.writeString(file, new WorkloadCas(seed(9), new TestClock(START)).bundlePem(P));
                return PublicRoots.load(Optional.of(file));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts what the source holds in force. Returns who was published. */
    List<PolicyId> apply() {
        published.clear();
        boolean any = reconciler.accept(source.state(), clock.instant());
        return ids(any);
    }

    /** Lets time pass. Returns who was published. */
    List<PolicyId> pass(Duration time) {
        clock.advance(time);
        return look();
    }

    /** Looks at the clock. Returns who was published. */
    List<PolicyId> look() {
        published.clear();
        boolean any = reconciler.step(clock.instant());
        return ids(any);
    }

    private List<PolicyId> ids(boolean any) {
        if (any == published.isEmpty()) {
            throw new AssertionError("published: " + published + ", said: " + any);
        }
        return published.stream().map(PublishedWorkload::id).toList();
    }

    /** As a sidecar does that stays. */
    void watch(PolicyId id, Consumer<WorkloadSnapshot> listener) {
        watches.add(store.watch(id, listener));
    }

    PublishedSnapshot snapshot(PolicyId id) {
        return store.newest(id).orElseGet(() -> store.offer(factory.unknown(id)));
    }

    LoopReport report() {
        return reconciler.report(Optional.empty(), Duration.ZERO);
    }

    WorkloadStatus status(PolicyId id) {
        return report().workloads().find(id).orElseThrow(() -> new AssertionError("no document names " + id));
    }
}
