package dev.sallyport.xds;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.Snapshots;
import dev.sallyport.snapshot.WorkloadSnapshot;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The snapshots of one workload as one stream takes them up: only the newest waits, however many come while its sidecar is slow. */
final class SnapshotFeed {
    private final Snapshots snapshots;
    private final PolicyId workload;
    private final Runnable wake;
    private final AtomicReference<@Nullable WorkloadSnapshot> arrived = new AtomicReference<>();
    private Snapshots.@Nullable AutoCloseableQuietly watch;

    /**
     * @param wake called from any thread when there is a new one; must return at once
     */
    SnapshotFeed(Snapshots snapshots, PolicyId workload, Runnable wake) {
        this.snapshots = snapshots;
        this.workload = workload;
        this.wake = wake;
    }

    /** Begins; the snapshot to begin with. */
    WorkloadSnapshot open() {
        watch = snapshots.watch(workload, this::onSnapshot);
        return snapshots.current(workload);
    }

    private void onSnapshot(WorkloadSnapshot snapshot) {
        if (arrived.getAndSet(snapshot) == null) {
            wake.run();
        }
    }

    /** The newest one that came since the last call; empty when there is none, or its content is that of {@code current}. */
    Optional<WorkloadSnapshot> newerThan(WorkloadSnapshot current) {
        return Optional.ofNullable(arrived.getAndSet(null))
                .filter(newest -> !newest.revision().equals(current.revision()));
    }

    void close() {
        if (watch != null) {
            watch.close();
        }
    }
}
