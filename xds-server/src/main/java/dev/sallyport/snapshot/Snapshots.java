package dev.sallyport.snapshot;

import dev.sallyport.policy.PolicyId;
import java.util.function.Consumer;

/** What the xDS server sees of the control loop. Thread-safe. */
public interface Snapshots {
    /** Whether every source has synced and a first compilation was published; before that nobody is served. */
    boolean synced();

    /** The newest snapshot of a workload. A workload that no policy names gets one that denies everything. Call only once {@link #synced()}. */
    WorkloadSnapshot current(PolicyId workload);

    /**
     * Calls {@code listener} with each new snapshot of that workload, from the control loop's thread, until the returned handle is closed; it must return at once. Nothing is called for the snapshot that is
     * {@linkplain #current current} at the time of the call.
     */
    AutoCloseableQuietly watch(PolicyId workload, Consumer<WorkloadSnapshot> listener);

    /** A handle whose {@code close} does not throw. */
    @FunctionalInterface
    interface AutoCloseableQuietly extends AutoCloseable {
        @Override
        void close();
    }
}
