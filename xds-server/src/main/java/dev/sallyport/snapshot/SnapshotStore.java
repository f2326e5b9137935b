package dev.sallyport.snapshot;

import dev.sallyport.policy.PolicyId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The newest snapshot of each workload, and who waits for the next. Thread-safe; readers never wait for a writer. */
final class SnapshotStore {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);

    private final Map<PolicyId, PublishedSnapshot> newest = new ConcurrentHashMap<>();
    private final Map<PolicyId, List<Watch>> watches = new HashMap<>();

    /** Whose sidecars came or went since {@link #takeServed}. */
    private final Set<PolicyId> served = ConcurrentHashMap.newKeySet();

    private final Object lock = new Object();

    private final class Watch implements Snapshots.AutoCloseableQuietly {
        private final PolicyId workload;
        private final Consumer<WorkloadSnapshot> listener;
        private volatile boolean closed;

        Watch(PolicyId workload, Consumer<WorkloadSnapshot> listener) {
            this.workload = workload;
            this.listener = listener;
        }

        void tell(WorkloadSnapshot snapshot) {
            if (closed) {
                return;
            }
            try {
                listener.accept(snapshot);
            } catch (RuntimeException e) {
                LOG.error("a watcher of {} failed", workload, e);
            }
        }

        @Override
        public void close() {
            closed = true;
            synchronized (lock) {
                watches.computeIfPresent(workload, (id, all) -> {
                    all.remove(this);
                    return all.isEmpty() ? null : all;
                });
            }
            served.add(workload);
        }
    }

    Optional<PublishedSnapshot> newest(PolicyId workload) {
        return Optional.ofNullable(newest.get(workload));
    }

    /** Keeps {@code snapshot} unless there is one already; returns the one that is kept. */
    PublishedSnapshot offer(PublishedSnapshot snapshot) {
        PublishedSnapshot earlier = newest.putIfAbsent(snapshot.workload(), snapshot);
        served.add(snapshot.workload());
        return earlier == null ? snapshot : earlier;
    }

    /** Who began to watch before this call is told; who begins after it finds the snapshot here. */
    void publish(PublishedSnapshot snapshot) {
        List<Watch> told;
        synchronized (lock) {
            newest.put(snapshot.workload(), snapshot);
            told = new ArrayList<>(watches.getOrDefault(snapshot.workload(), List.of()));
        }
        told.forEach(watch -> watch.tell(snapshot));
    }

    void remove(PolicyId workload) {
        newest.remove(workload);
    }

    Snapshots.AutoCloseableQuietly watch(PolicyId workload, Consumer<WorkloadSnapshot> listener) {
        Watch watch = new Watch(workload, listener);
        synchronized (lock) {
            watches.computeIfAbsent(workload, id -> new ArrayList<>()).add(watch);
        }
        served.add(workload);
        return watch;
    }

    boolean isWatched(PolicyId workload) {
        synchronized (lock) {
            return watches.containsKey(workload);
        }
    }

    /** Hands over the workloads that somebody began or ceased to watch, or asked for when there was nothing, since the last call. */
    void takeServed(Consumer<? super PolicyId> workload) {
        for (Iterator<PolicyId> taken = served.iterator(); taken.hasNext(); ) {
            PolicyId id = taken.next();
            taken.remove();
            workload.accept(id);
        }
    }
}
