package dev.sallyport.source.kubernetes;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of everything that listens to the API server: the watches share it, however many there are. */
public final class SourceThread implements EventLoop, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SourceThread.class);

    private static final long POLL_MILLIS = 100;

    private final Clock clock;
    private final ScheduledThreadPoolExecutor executor;
    private volatile @Nullable Thread thread;

    /** Starts nothing before the first task. */
    public SourceThread(Clock clock) {
        this.clock = clock;
        this.executor = new ScheduledThreadPoolExecutor(1, this::newThread);
        executor.setRemoveOnCancelPolicy(true);
    }

    private Thread newThread(Runnable task) {
        Thread made = new Thread(task, "sallyport-kubernetes");
        made.setDaemon(true);
        thread = made;
        return made;
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(() -> run(task));
        } catch (RejectedExecutionException e) {
            LOG.debug("closed", e);
        }
    }

    @Override
    public void call(Runnable task) {
        if (Thread.currentThread() == thread || executor.isShutdown()) {
            run(task);
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        execute(() -> {
            try {
                task.run();
            } finally {
                done.countDown();
            }
        });
        try {
            // Who closes the thread meanwhile takes the task away.
            while (!done.await(POLL_MILLIS, TimeUnit.MILLISECONDS) && !executor.isTerminated()) {
                LOG.debug("waiting for the thread");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        try {
            Future<?> future = executor.schedule(() -> run(task), delay.toMillis(), TimeUnit.MILLISECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed", e);
            return () -> {};
        }
    }

    /** What a task throws must not end the tasks of others. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("a task failed", e);
        }
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    /** Tasks that wait are not run any more. Close what runs on it first. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}
