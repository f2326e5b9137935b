package dev.sallyport.snapshot;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.SourceState;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the source holds into what sidecars should hold. One thread compiles, translates and publishes; it always takes the newest state, so that a burst of edits costs as much as the last of them. What did not change is
 * not published. Time is an input as well: leaves, CAs and what drains change when they are due.
 */
public final class ControlLoop implements Snapshots, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlLoop.class);

    /** A wait ends when the clock is past what it waited for. */
    private static final Duration ONE_TICK = Duration.ofMillis(1);

    private final ControlLoopConfig config;
    private final Clock clock;
    private final SnapshotFactory factory;
    private final SnapshotStore store = new SnapshotStore();
    private final LoopMetrics metrics;
    private final Reconciler reconciler;
    private final ProblemLog problems = new ProblemLog();
    private final List<Consumer<PublishedWorkload>> followers = new CopyOnWriteArrayList<>();
    private final List<Consumer<PolicyId>> readers = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::run, "sallyport-control-loop");

    /** Of the loop's thread: when time alone calls for a step. */
    private Optional<Instant> next = Optional.empty();

    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable SourceState newest;
    private boolean woken;
    private boolean closed;
    private volatile LoopReport report = LoopReport.NOT_SYNCED;

    public ControlLoop(ControlLoopConfig config, WorkloadPki pki, Clock clock, MeterRegistry meters) {
        this.config = config;
        this.clock = clock;
        this.metrics = new LoopMetrics(meters);
        this.factory = new SnapshotFactory(pki, config.drainTime(), metrics);
        this.reconciler = new Reconciler(factory, store, metrics, this::tellFollowers);
        thread.setDaemon(true);
    }

    /** Begins. May be called once. */
    public void start() {
        thread.start();
    }

    /** Takes a complete state; one that was not looked at yet is forgotten for it. Any thread; returns at once. */
    public void accept(SourceState state) {
        tell(() -> newest = state);
    }

    /** Calls {@code follower} from the control loop's thread with each workload that changed from now on; it must not take long. Call before {@link #start} to miss none. */
    public void onPublished(Consumer<PublishedWorkload> follower) {
        followers.add(follower);
    }

    /** Calls {@code reader} from the control loop's thread with each workload of which {@link #status(PolicyId)} may say something else from now on; it must not take long. Call before {@link #start} to miss none. */
    public void onStatus(Consumer<PolicyId> reader) {
        readers.add(reader);
    }

    /** What is in force now. Costs as much as there are workloads: {@link #synced} is for those who ask often. */
    public LoopStatus status() {
        return report.status();
    }

    /** One workload that a document names, as it is in force now, at no cost; empty: none does, or nothing was read yet. */
    public Optional<WorkloadStatus> status(PolicyId workload) {
        return report.workloads().find(workload);
    }

    @Override
    public boolean synced() {
        return report.synced();
    }

    @Override
    public WorkloadSnapshot current(PolicyId workload) {
        return store.newest(workload).orElseGet(() -> store.offer(factory.unknown(workload)));
    }

    @Override
    public AutoCloseableQuietly watch(PolicyId workload, Consumer<WorkloadSnapshot> listener) {
        return store.watch(workload, listener);
    }

    /** Makes the loop look at the clock now. */
    void wake() {
        tell(() -> woken = true);
    }

    private void run() {
        try {
            while (true) {
                SourceState state = awaitWork();
                try {
                    step(state);
                    next = reconciler.next();
                } catch (RuntimeException e) {
                    LOG.error("a step of the control loop failed; what was in force stays", e);
                    metrics.failed();
                    next = Optional.empty();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped", e);
        }
    }

    private void tell(Runnable what) {
        lock.lock();
        try {
            what.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The newest state that was not taken yet; null: time has come to look at the clock. */
    private @Nullable SourceState awaitWork() throws InterruptedException {
        lock.lock();
        try {
            long wait = longestWait().toNanos();
            while (newest == null && !woken && !closed && wait > 0) {
                wait = changed.awaitNanos(wait);
            }
            if (closed) {
                throw new InterruptedException("closed");
            }
            SourceState state = newest;
            newest = null;
            woken = false;
            return state;
        } finally {
            lock.unlock();
        }
    }

    /** Bounded: the time that passes here is not that of the clock, which may be set, or go on while the machine sleeps. */
    private Duration longestWait() {
        return next.map(due -> Duration.between(clock.instant(), due).plus(ONE_TICK))
                .filter(until -> until.compareTo(config.longestWait()) < 0)
                .orElse(config.longestWait());
    }

    private void step(@Nullable SourceState state) {
        Instant now = clock.instant();
        if (state == null) {
            reconciler.step(now);
            report(report.compiled(), report.compileTime());
            return;
        }
        long start = System.nanoTime();
        metrics.compiled(() -> reconciler.accept(state, now));
        report(Optional.of(now), Duration.ofNanos(System.nanoTime() - start));
    }

    private void report(Optional<Instant> compiled, Duration compileTime) {
        LoopReport made = reconciler.report(compiled, compileTime);
        NavigableSet<PolicyId> changed = reconciler.takeReported();
        problems.update(made, changed);
        report = made;
        changed.forEach(this::tellReaders);
    }

    private void tellReaders(PolicyId workload) {
        tellAll(readers, workload, workload);
    }

    private void tellFollowers(PublishedWorkload workload) {
        tellAll(followers, workload, workload.id());
    }

    private static <T> void tellAll(List<Consumer<T>> all, T news, PolicyId about) {
        for (Consumer<T> one : all) {
            try {
                one.accept(news);
            } catch (RuntimeException e) {
                LOG.error("a follower of {} failed", about, e);
            }
        }
    }

    /** After it nothing is published any more. */
    @Override
    public void close() {
        tell(() -> closed = true);
        boolean interrupted = false;
        while (thread.isAlive() && Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
