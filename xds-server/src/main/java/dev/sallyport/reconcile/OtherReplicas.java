package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.PolicyId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the other replicas report, from their objects, and which of them have been silent for so long that their objects are rubbish. Thread-safe. */
final class OtherReplicas {
    private static final Logger LOG = LoggerFactory.getLogger(OtherReplicas.class);

    private final FleetView fleet;
    private final Consumer<Set<PolicyId>> changed;
    private final Clock clock;
    private final Map<String, Seen> replicas = new HashMap<>();
    private long excuses;

    /** {@code beat} was first seen {@code at}. */
    private record Seen(String uid, String beat, ReplicaReport report, Instant at) {}

    /**
     * One that has not been heard of.
     *
     * @param uid of its object
     */
    record Silent(String replica, String uid) {}

    /** {@code changed}: is told of which workloads something else is reported. */
    OtherReplicas(FleetView fleet, Consumer<Set<PolicyId>> changed, Clock clock) {
        this.fleet = fleet;
        this.changed = changed;
        this.clock = clock;
    }

    /** Its object is this one now. */
    void accept(String replica, JsonNode object) {
        String beat = ReportObject.beat(object);
        Optional<ReplicaReport> read = ReportObject.report(object);
        Set<PolicyId> differences;
        synchronized (this) {
            Seen before = replicas.get(replica);
            if (before != null && before.beat().equals(beat)) {
                return; // somebody else's edit is no sign of life
            }
            if (read.isEmpty() && (before == null || !before.report().equals(ReplicaReport.NONE))) {
                LOG.info(
                        "the report of replica {} cannot be read, as one of another version cannot; it is not counted",
                        replica);
            }
            ReplicaReport report = read.orElse(ReplicaReport.NONE);
            differences = report.differences(before == null || isVoid(before) ? ReplicaReport.NONE : before.report());
            replicas.put(replica, new Seen(LiveObject.uid(object), beat, report, clock.instant()));
            fleet.accept(replica, beat, report);
        }
        tell(differences);
    }

    private boolean isVoid(Seen seen) {
        return age(seen).compareTo(FleetView.VOID_AFTER) >= 0;
    }

    private Duration age(Seen seen) {
        return Duration.between(seen.at(), clock.instant());
    }

    /** Its object is gone. */
    void forget(String replica) {
        Set<PolicyId> differences = new HashSet<>();
        synchronized (this) {
            Seen before = replicas.remove(replica);
            if (before != null) {
                differences.addAll(before.report().workloads().keySet());
            }
            fleet.forget(replica);
        }
        tell(differences);
    }

    /** The API server is away: their silence says nothing of them. Who counts now goes on counting, and has as long as ever to speak when it is back. */
    synchronized void excuse() {
        excuses++;
        replicas.replaceAll((replica, seen) -> {
            if (isVoid(seen)) {
                return seen;
            }
            fleet.accept(replica, seen.beat() + " excused " + excuses, seen.report());
            return new Seen(seen.uid(), seen.beat(), seen.report(), clock.instant());
        });
    }

    private void tell(Set<PolicyId> differences) {
        if (!differences.isEmpty()) {
            changed.accept(differences);
        }
    }

    /** Those who have said nothing for that long. */
    synchronized List<Silent> silent(Duration time) {
        return replicas.entrySet().stream()
                .filter(entry -> age(entry.getValue()).compareTo(time) >= 0)
                .map(entry -> new Silent(entry.getKey(), entry.getValue().uid()))
                .toList();
    }
}
