package dev.sallyport.xds;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.Snapshots;
import dev.sallyport.snapshot.WorkloadSnapshot;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Snapshots that a test publishes. */
final class FakeSnapshots implements Snapshots {
    private final Map<PolicyId, WorkloadSnapshot> current = new ConcurrentHashMap<>();
    private final Map<PolicyId, List<Consumer<WorkloadSnapshot>>> watchers = new ConcurrentHashMap<>();
    private volatile boolean synced = true;

    FakeSnapshots(TestSnapshot... snapshots) {
        for (TestSnapshot snapshot : snapshots) {
            current.put(snapshot.workload(), snapshot);
        }
    }

    void publish(TestSnapshot snapshot) {
        current.put(snapshot.workload(), snapshot);
        watchers(snapshot.workload()).forEach(watcher -> watcher.accept(snapshot));
    }

    void synced(boolean value) {
        synced = value;
    }

    int watching(PolicyId workload) {
        return watchers(workload).size();
    }

    private List<Consumer<WorkloadSnapshot>> watchers(PolicyId workload) {
        return watchers.computeIfAbsent(workload, id -> new CopyOnWriteArrayList<>());
    }

    @Override
    public boolean synced() {
        return synced;
    }

    @Override
    public WorkloadSnapshot current(PolicyId workload) {
        return current.getOrDefault(workload, new TestSnapshot(workload, "none"));
    }

    @Override
    public AutoCloseableQuietly watch(PolicyId workload, Consumer<WorkloadSnapshot> listener) {
        watchers(workload).add(listener);
        return () -> watchers(workload).remove(listener);
    }
}
