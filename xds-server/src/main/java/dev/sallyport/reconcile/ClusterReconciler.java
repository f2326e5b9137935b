package dev.sallyport.reconcile;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.source.PodChange;
import dev.sallyport.source.Pods;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.source.kubernetes.KubernetesObjects;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceThread;
import io.fabric8.kubernetes.client.Config;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the objects and the status of every workload in step, on the one replica that holds the Lease; the others keep what they know up to date, and take over. Whatever happens makes it look at a workload as it is now and should
 * be, so that nothing follows from an event that came twice, late or never. Nothing is written before policies and Pods were listed and the control loop has compiled what it writes about. Thread-safe.
 */
public final class ClusterReconciler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterReconciler.class);

    /** Requests block their worker. */
    private static final int WORKERS = 4;

    private static final Duration TICK = Duration.ofMillis(500);
    private static final int MOST_PROBLEMS = 100;

    private final Pods pods;
    private final FleetView fleet;
    private final BooleanSupplier fleetKnown;
    private final Leadership leadership;
    private final WatchedObjects live;
    private final TrustConfigMaps trust;
    private final WorkloadReconciler workloads;
    private final WorkQueue<PolicyId> queue;
    private final ReconcileMetrics metrics;
    private final ReconcileProblems problems = new ReconcileProblems(MOST_PROBLEMS);
    private final Set<PolicyId> withPods = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "reconcile-ticks");
        thread.setDaemon(true);
        return thread;
    });

    /** Something was not looked at because this replica was not to write. */
    private volatile boolean missed = true;

    private volatile boolean closing;

    /**
     * What it is made of.
     *
     * @param cluster how the Lease is reached
     * @param systemNamespace of the Lease
     * @param replica names this process, its Pod's name for instance
     */
    public record Parts(
            Config cluster,
            String systemNamespace,
            String replica,
            ClusterSettings settings,
            Leadership.Timing timing,
            Sources sources,
            Knowledge knowledge,
            TrustSource trust,
            MeterRegistry meters,
            Clock clock) {}

    /** How the API server is asked and listened to. The caller closes them, after the reconciler. */
    public record Sources(ApiServer server, SourceThread thread, SourceHealth health) {}

    /**
     * What is known of workloads.
     *
     * @param workloads what is in force, such as {@code ControlLoop::status}; empty: no document, or none compiled yet
     * @param fleet what replicas report of sidecars
     * @param fleetKnown whether the reports of all other replicas were read once; before that, counts are short
     */
    public record Knowledge(
            Pods pods,
            Function<PolicyId, Optional<WorkloadStatus>> workloads,
            FleetView fleet,
            BooleanSupplier fleetKnown) {}

    /** Connects to nothing yet. Call before the Pods are started: it has to hear of all. */
    public ClusterReconciler(Parts parts) {
        this.pods = parts.knowledge().pods();
        this.fleet = parts.knowledge().fleet();
        this.fleetKnown = parts.knowledge().fleetKnown();
        this.leadership = new Leadership(parts.cluster(), parts.systemNamespace(), parts.replica(), parts.timing());
        this.metrics = new ReconcileMetrics(parts.meters());
        ObjectRequests requests = new ObjectRequests(parts.sources().server(), metrics);
        Sources sources = parts.sources();
        this.live = new WatchedObjects(
                (query, reduce) ->
                        new KubernetesObjects(query, sources.server(), sources.thread(), sources.health(), reduce),
                LiveObjects.asking(requests),
                System::nanoTime);
        this.trust = new TrustConfigMaps(parts.trust());
        BooleanSupplier mayWrite = this::isLeader;
        this.workloads = new WorkloadReconciler(
                live,
                new DesiredObjects(parts.settings()),
                trust,
                writers(requests, mayWrite, parts),
                new WorkloadReconciler.Knowledge(pods, parts.knowledge().workloads(), fleet));
        this.queue = new WorkQueue<>("reconcile", WORKERS, this::lookAt);
        metrics.watch(queue::size, mayWrite);
        live.onChange(queue::add);
        pods.onChange(this::changed);
    }

    private WorkloadReconciler.Writers writers(ObjectRequests requests, BooleanSupplier mayWrite, Parts parts) {
        return new WorkloadReconciler.Writers(
                new WorkloadObjects(
                        new ObjectWriter(requests, live, mayWrite, System::nanoTime),
                        new PolicyFinalizer(requests, live, mayWrite, System::nanoTime)),
                new StatusWriter(requests, live, mayWrite, parts.clock(), System::nanoTime),
                new PolicyEvents(requests, mayWrite, parts.replica(), parts.clock()));
    }

    /** Begins to listen, to compete for the Lease, and to write when it is won. May be called once. */
    public void start() {
        live.start();
        leadership.start();
        queue.start();
        // Nobody waits for it: a tick never throws.
        var unused = ticks.scheduleWithFixedDelay(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What is in force for a workload is another, or none. Any thread; returns at once. */
    public void changed(PolicyId workload) {
        queue.add(workload);
    }

    /** What sidecars of a workload hold is something else. Any thread; returns at once. */
    public void fleetChanged(PolicyId workload) {
        queue.add(workload);
    }

    /** The same of several. */
    public void fleetChanged(Collection<PolicyId> all) {
        queue.addAll(all);
    }

    private void changed(PodChange change) {
        Stream.of(change.before(), change.after())
                .flatMap(Optional::stream)
                .map(pod -> pod.workload())
                .filter(ObjectNames::isWorkload)
                .distinct()
                .forEach(workload -> {
                    withPods.add(workload);
                    queue.add(workload);
                });
    }

    /** Whether this replica writes now. */
    public boolean isLeader() {
        return !closing && leadership.mayWrite();
    }

    /** What keeps objects or status from being as they should, one line each: rights that are missing, the API server away, objects of others. Sorted; the first {@value #MOST_PROBLEMS} if there are more. */
    public List<String> problems() {
        return Stream.of(live.problems().stream(), leadership.problem().stream(), problems.lines().stream())
                .flatMap(lines -> lines)
                .distinct()
                .sorted()
                .limit(MOST_PROBLEMS)
                .toList();
    }

    private boolean isSettled() {
        return live.isSettled() && pods.synced() && fleetKnown.getAsBoolean();
    }

    /** What no event tells of: the Lease, the clock, and replicas that have fallen silent. */
    private void tick() {
        try {
            boolean certificates = trust.hasChanged();
            Set<PolicyId> silent = fleet.takeVoid();
            if (!isLeader() || !isSettled()) {
                missed = true;
                problems.clear();
            } else if (missed || certificates) {
                missed = false;
                Set<PolicyId> all = new TreeSet<>(live.workloads());
                all.addAll(withPods);
                queue.addAll(all);
            } else {
                queue.addAll(silent);
            }
        } catch (RuntimeException e) {
            LOG.error("a look at the clock failed", e);
        }
    }

    private Optional<Duration> lookAt(PolicyId workload) {
        if (!isLeader() || !isSettled()) {
            missed = true;
            return Optional.empty();
        }
        WorkloadReconciler.Result result = metrics.pass(() -> workloads.reconcile(workload));
        if (result.notLeading()) {
            missed = true;
            return Optional.empty();
        }
        problems.put(workload, result.problems());
        if (pods.of(workload).isEmpty()) {
            withPods.remove(workload);
        } else {
            withPods.add(workload);
        }
        return result.again();
    }

    /** Lets the writes under way end, then gives up the Lease, so that another replica goes on at once. */
    @Override
    public void close() {
        end();
        leadership.close();
    }

    /** Ends as a killed process does: the Lease is not given up. */
    void abandon() {
        leadership.abandon();
        end();
    }

    private void end() {
        closing = true;
        ticks.shutdownNow();
        live.close();
        queue.close();
    }
}
