package dev.sallyport.reconcile;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes one replica's report when it has changed, at most once a second, and says that it is alive when it has not. Also removes the objects of replicas that are dead. For one thread, but for {@link #problem}. */
final class ReportWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ReportWriter.class);

    static final Duration PACE = Duration.ofSeconds(1);

    /** Three of them before a report is void. */
    static final Duration HEARTBEAT = Duration.ofSeconds(3);

    /** As long as a Pod may take to come back under its name. */
    static final Duration DEAD_AFTER = Duration.ofMinutes(5);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final ObjectRequests api;
    private final ReplicaReports.Self self;
    private final ReportObject object;
    private final OtherReplicas others;
    private final MeterRegistry meters;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final AtomicInteger size = new AtomicInteger();

    private Optional<ReplicaReport> written = Optional.empty();
    private boolean nameIsOurs;
    private long count;
    private long lastAttempt;
    private Duration pause = PACE;
    private long unbrokenSince;
    private boolean unbroken;
    private boolean cutOff;
    private volatile Optional<String> problem = Optional.empty();

    /** {@code clock} dates heartbeats for people; {@code nanoTime} only goes on. */
    ReportWriter(
            ObjectRequests api,
            ReplicaReports.Self self,
            OtherReplicas others,
            MeterRegistry meters,
            Clock clock,
            LongSupplier nanoTime) {
        this.api = api;
        this.self = self;
        this.object = new ReportObject(api, self.systemNamespace(), self.name());
        this.others = others;
        this.meters = meters;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.lastAttempt = nanoTime.getAsLong() - HEARTBEAT.toNanos();
        Gauge.builder("sallyport.report.bytes", size, AtomicInteger::get)
                .description("Size of this replica's report, compressed")
                .strongReference(true)
                .register(meters);
    }

    Optional<String> problem() {
        return problem;
    }

    /** Whether the API server gave no answer when it was asked last. */
    boolean isCutOff() {
        return cutOff;
    }

    void tick(ReplicaReport report) {
        Duration since = Duration.ofNanos(nanoTime.getAsLong() - lastAttempt);
        boolean differs = !written.filter(report::equals).isPresent();
        if (since.compareTo(differs ? pause : HEARTBEAT) < 0) {
            return;
        }
        lastAttempt = nanoTime.getAsLong();
        try {
            write(report, differs);
            cutOff = false;
            removeDead();
        } catch (ApiException e) {
            count("failed");
            cutOff = e.isUnanswered();
            broken(e.line());
        }
    }

    private void write(ReplicaReport report, boolean differs) throws ApiException {
        if (!nameIsOurs) {
            Optional<String> foreign = object.foreign();
            if (foreign.isPresent()) {
                broken(foreign.get());
                return;
            }
            nameIsOurs = true;
        }
        // The number makes two beats of one moment differ; the time is for people.
        String beat = clock.instant() + " " + count++;
        if (!differs && object.write(beat, Optional.empty())) {
            count("heartbeat");
            well(problem);
            return;
        }
        ReportBytes.Encoded encoded = ReportBytes.encode(report, ReportBytes.MOST);
        boolean there = object.write(beat, Optional.of(encoded.bytes()));
        count("report");
        size.set(encoded.bytes().length);
        written = there ? Optional.of(report) : Optional.empty();
        well(cut(encoded));
    }

    private static Optional<String> cut(ReportBytes.Encoded encoded) {
        if (encoded.cut() > 0) {
            return Optional.of("the report of this replica is too long for one object: the sidecars of its last "
                    + encoded.cut() + " workloads are not counted by other replicas; add replicas");
        }
        return encoded.wordless()
                ? Optional.of(
                        "the report of this replica is too long for one object: it is written without the reasons of"
                                + " sidecars that refuse something; look at this replica's metrics and log")
                : Optional.empty();
    }

    private void well(Optional<String> remark) {
        pause = PACE;
        if (!unbroken) {
            unbroken = true;
            unbrokenSince = nanoTime.getAsLong();
        }
        tell(remark);
    }

    private void broken(String line) {
        unbroken = false;
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        // Others may have forgotten it meanwhile.
        written = Optional.empty();
        tell(Optional.of(line));
    }

    private void tell(Optional<String> now) {
        if (!now.equals(problem)) {
            now.ifPresentOrElse(line -> LOG.warn("{}", line), () -> LOG.info("this replica's report is written"));
            problem = now;
        }
    }

    private void count(String what) {
        Counter.builder("sallyport.report.writes")
                .description("Writes of this replica's report")
                .tag("result", what)
                .register(meters)
                .increment();
    }

    /** Not right after an outage: then all have been silent, and are about to write. */
    private void removeDead() throws ApiException {
        if (!unbroken || nanoTime.getAsLong() - unbrokenSince < DEAD_AFTER.toNanos()) {
            return;
        }
        for (OtherReplicas.Silent silent : others.silent(DEAD_AFTER)) {
            LOG.info("replica {} has not reported for {}: its report is deleted", silent.replica(), DEAD_AFTER);
            ReportObject.delete(api, ReportObject.key(self.systemNamespace(), silent.replica()), silent.uid());
        }
    }

    /** At the end. Reports that stay are void to the others soon, and deleted by them later. */
    void delete() {
        try {
            if (nameIsOurs) {
                object.delete();
            }
        } catch (ApiException e) {
            LOG.info("{}", e.line());
        }
    }
}
