package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.source.kubernetes.KubernetesObjects;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceThread;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells every replica of the control plane what sidecars hold, whichever replica they are connected to. Each replica writes one object of its own and reads those of the others; its own report counts at once. Nothing but reports is
 * written, so no Lease is needed. Thread-safe.
 */
public final class ReplicaReports implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaReports.class);

    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration LAST_WORD = Duration.ofSeconds(5);

    private final String replica;
    private final Supplier<ReplicaReport> own;
    private final FleetView fleet;
    private final Consumer<Set<PolicyId>> changed;
    private final OtherReplicas others;
    private final KubernetesObjects objects;
    private final ReportWriter writer;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "replica-reports");
        made.setDaemon(true);
        return made;
    });

    private ReplicaReport told = ReplicaReport.NONE;
    private long beats;

    /** How the API server is asked and listened to. The caller closes them, after this. */
    public record Sources(ApiServer server, SourceThread thread, SourceHealth health) {}

    /**
     * This replica.
     *
     * @param systemNamespace where Sallyport is installed
     * @param name unlike that of any other replica that runs: that of its Pod
     * @param report what it knows of the sidecars connected to it; asked twice a second
     */
    public record Self(String systemNamespace, String name, Supplier<ReplicaReport> report) {}

    /**
     * Connects to nothing yet.
     *
     * @param fleet where all reports are put together
     * @param changed is told of which workloads something else is reported; any thread, and it must return at once
     */
    public ReplicaReports(
            Sources sources,
            Self self,
            FleetView fleet,
            Consumer<Set<PolicyId>> changed,
            MeterRegistry meters,
            Clock clock) {
        this(sources, self, fleet, changed, meters, new Clocks(clock, System::nanoTime));
    }

    /** Two of them: {@code wall} is what reports become void by, {@code nanoTime} only goes on. */
    record Clocks(Clock wall, LongSupplier nanoTime) {}

    ReplicaReports(
            Sources sources,
            Self self,
            FleetView fleet,
            Consumer<Set<PolicyId>> changed,
            MeterRegistry meters,
            Clocks clocks) {
        ObjectRequests api = new ObjectRequests(sources.server());
        this.replica = self.name();
        this.own = self.report();
        this.fleet = fleet;
        this.changed = changed;
        this.others = new OtherReplicas(fleet, changed, clocks.wall());
        this.writer = new ReportWriter(api, self, others, meters, clocks.wall(), clocks.nanoTime());
        this.objects = new KubernetesObjects(
                ReportObject.all(self.systemNamespace()),
                sources.server(),
                sources.thread(),
                sources.health(),
                ReplicaReports::reduced);
        objects.onChange(this::take);
        Gauge.builder("sallyport.replicas", fleet::replicas)
                .description("Replicas whose report counts, this one included")
                .strongReference(true)
                .register(meters);
    }

    /** Managed fields are as long as the rest. */
    private static JsonNode reduced(JsonNode object) {
        if (object.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
        }
        return object;
    }

    /** Begins to report and to listen. May be called once. */
    public void start() {
        objects.start();
        // Nobody waits for it: a tick never throws.
        var unused = thread.scheduleWithFixedDelay(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether the reports of all others were read once. */
    public boolean synced() {
        return objects.synced();
    }

    /** Why this replica's report is not written, or those of others are not known as they are now; one line. */
    public Optional<String> problem() {
        return writer.problem().or(objects::problem);
    }

    private void take(ObjectName name) {
        Optional<String> whose = ReportObject.replica(name.name()).filter(other -> !other.equals(replica));
        whose.ifPresent(other -> objects.find(name.namespace(), name.name())
                .ifPresentOrElse(object -> others.accept(other, object), () -> others.forget(other)));
    }

    private void tick() {
        try {
            ReplicaReport report = own.get();
            // A beat of its own each time: this replica does not fall silent to itself.
            fleet.accept(replica, "own " + beats++, report);
            Set<PolicyId> differences = report.differences(told);
            told = report;
            if (!differences.isEmpty()) {
                changed.accept(differences);
            }
            writer.tick(report);
            if (writer.isCutOff()) {
                others.excuse();
            }
        } catch (RuntimeException e) {
            LOG.error("reporting failed", e);
        }
    }

    /** Says the last word: deletes this replica's report, so that the others need not wait until it is void. */
    @Override
    public void close() {
        abandon();
        try {
            if (thread.awaitTermination(LAST_WORD.toMillis(), TimeUnit.MILLISECONDS)) {
                writer.delete();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends without a word, as a killed process does. */
    void abandon() {
        objects.close();
        thread.shutdown();
    }
}
