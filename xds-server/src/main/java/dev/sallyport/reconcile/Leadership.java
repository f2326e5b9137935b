package dev.sallyport.reconcile;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which replica writes: the one that holds a Lease. {@link #mayWrite} is answered by this process's own clock alone: from the moment before the last renewal that worked, for as long as the Lease lasts less a margin. Others take
 * over when the Lease has not changed for as long as it lasts, by their own clocks. No two clocks are compared, so at most one replica may write at any time. Thread-safe.
 */
public final class Leadership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final int REQUEST_MILLIS = 2_000;

    private final String identity;
    private final Timing timing;
    private final LongSupplier nanoTime;
    private final KubernetesClient client;
    private final LeaseRecord record;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread renewal = new Thread(task, "leadership");
        renewal.setDaemon(true);
        return renewal;
    });

    private volatile Optional<Long> renewedAt = Optional.empty();
    private volatile Optional<String> problem = Optional.empty();
    private volatile boolean closed;
    private Optional<Seen> seen = Optional.empty();
    private boolean toldToWrite;

    /**
     * How long things take.
     *
     * @param lease how long others leave a holder alone that no longer renews; whole seconds, at least one
     * @param retry between two looks at the Lease
     * @param margin how much earlier the holder itself stops writing; longer than a write takes
     */
    public record Timing(Duration lease, Duration retry, Duration margin) {
        /** A killed writer is replaced within 17 s. */
        public static final Timing DEFAULT =
                new Timing(Duration.ofSeconds(15), Duration.ofSeconds(2), Duration.ofSeconds(5));

        public Timing {
            if (lease.compareTo(retry.plus(margin)) <= 0) {
                throw new IllegalArgumentException("lease " + lease + " (expected: longer than retry " + retry
                        + " and margin " + margin + " together)");
            }
        }
    }

    /** The Lease of another, as it was when it last changed. */
    private record Seen(String version, long at) {}

    /**
     * Does not connect yet.
     *
     * @param config how to connect; a client of its own is made, which gives up early and retries nothing
     * @param namespace of the Lease
     * @param replica names this process in the Lease, its Pod's name for instance; a suffix makes it unlike any other
     */
    public Leadership(Config config, String namespace, String replica, Timing timing) {
        this(config, namespace, replica, timing, System::nanoTime);
    }

    Leadership(Config config, String namespace, String replica, Timing timing, LongSupplier nanoTime) {
        this.identity = replica + "_" + UUID.randomUUID();
        this.timing = timing;
        this.nanoTime = nanoTime;
        this.client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(config)
                        .withRequestTimeout(REQUEST_MILLIS)
                        .withConnectionTimeout(REQUEST_MILLIS)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        this.record = new LeaseRecord(client, namespace, identity, timing.lease());
    }

    /** Begins to compete. Call once. */
    public void start() {
        // Nobody waits for it: a round never throws.
        var unused =
                thread.scheduleWithFixedDelay(this::round, 0, timing.retry().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether this replica may write now. Ask before each write; one that has begun by then ends within the margin. */
    public boolean mayWrite() {
        Optional<Long> renewed = renewedAt;
        return !closed
                && renewed.isPresent()
                && nanoTime.getAsLong() - renewed.get()
                        < timing.lease().minus(timing.margin()).toNanos();
    }

    /** Names this replica in the Lease. */
    public String identity() {
        return identity;
    }

    /** Why the Lease could not be read or written at the last try; one line for people. */
    public Optional<String> problem() {
        return problem;
    }

    /** Looks at the Lease once: renews it, takes it, or waits. Never throws: the next round may work. */
    synchronized void round() {
        if (closed) {
            return;
        }
        try {
            lookOnce();
            problem = Optional.empty();
        } catch (RuntimeException e) { // of the client, or what a malformed Lease leads to
            tell(e);
        }
        tellWhoWrites();
    }

    private void lookOnce() {
        long before = nanoTime.getAsLong();
        Optional<LeaseRecord.Live> live = record.read();
        boolean took;
        if (live.isEmpty()) {
            took = record.create();
        } else if (live.get().isHeldBy(identity)) {
            took = record.renew(live.get());
        } else {
            renewedAt = Optional.empty();
            took = isFree(live.get()) && record.take(live.get());
        }
        if (took) {
            renewedAt = Optional.of(before);
            seen = Optional.empty();
        }
    }

    /** Given up, or unchanged for as long as its holder said that it lasts: counted from the moment after it was first seen so, which is after it was written. */
    private boolean isFree(LeaseRecord.Live live) {
        if (live.isReleased()) {
            return true;
        }
        long now = nanoTime.getAsLong();
        if (seen.filter(last -> last.version().equals(live.version())).isEmpty()) {
            seen = Optional.of(new Seen(live.version(), now));
        }
        return now - seen.get().at() >= live.lasts(timing.lease()).toNanos();
    }

    private void tell(RuntimeException e) {
        if (closed) {
            return;
        }
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String line = "cannot get, create or update " + record + ": "
                + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage());
        if (problem.isEmpty()) {
            LOG.warn("{}", line);
        }
        problem = Optional.of(line);
    }

    private void tellWhoWrites() {
        boolean write = mayWrite();
        if (write != toldToWrite) {
            LOG.info(write ? "this replica writes objects and status" : "this replica no longer writes");
            toldToWrite = write;
        }
    }

    /** Stops, and gives the Lease up, so that another replica goes on at once. Writes must have ended by then. */
    @Override
    public void close() {
        closed = true;
        thread.shutdownNow();
        release();
        client.close();
    }

    private synchronized void release() {
        try {
            record.read().filter(live -> live.isHeldBy(identity)).ifPresent(record::release);
        } catch (KubernetesClientException e) {
            LOG.info("{} is not released, and is free {} from now: {}", record, timing.lease(), e.getMessage());
        }
    }

    /** Ends without a word, as a killed process does. */
    void abandon() {
        closed = true;
        thread.shutdownNow();
        client.close();
    }
}
