package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyVersion;
import dev.sallyport.snapshot.WorkloadStatus;
import dev.sallyport.source.LabelledPod;
import dev.sallyport.source.Pods;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** Brings the objects and the status of one workload to what they should be now, whatever has happened. Thread-safe, for different workloads at a time. */
final class WorkloadReconciler {
    /** After it what could not be told is asked again. */
    private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

    private final LiveObjects live;
    private final DesiredObjects desired;
    private final TrustConfigMaps trust;
    private final Writers writers;
    private final Knowledge knowledge;
    private final ConcurrentMap<PolicyId, PolicyObject> known = new ConcurrentHashMap<>();

    /** What writes. */
    record Writers(WorkloadObjects objects, StatusWriter statuses, PolicyEvents events) {}

    /**
     * What is known of workloads.
     *
     * @param workloads what is in force
     */
    record Knowledge(Pods pods, Function<PolicyId, Optional<WorkloadStatus>> workloads, FleetView fleet) {}

    /**
     * What came of it.
     *
     * @param problems what keeps something from being as it should, one line each
     * @param again when to look again though nothing changes; empty: not before something does
     * @param notLeading whether this replica was not to write, and it was not looked at to its end
     */
    record Result(List<String> problems, Optional<Duration> again, boolean notLeading) {
        Result {
            problems = List.copyOf(problems);
        }

        private static Result of(Collection<Outcome> outcomes) {
            return new Result(
                    outcomes.stream()
                            .flatMap(outcome -> outcome.problem().stream())
                            .distinct()
                            .toList(),
                    outcomes.stream()
                            .flatMap(outcome -> outcome.again().stream())
                            .min(Duration::compareTo),
                    outcomes.stream().anyMatch(Outcome.NotLeading.class::isInstance));
        }
    }

    WorkloadReconciler(
            LiveObjects live, DesiredObjects desired, TrustConfigMaps trust, Writers writers, Knowledge knowledge) {
        this.live = live;
        this.desired = desired;
        this.trust = trust;
        this.writers = writers;
        this.knowledge = knowledge;
    }

    Result reconcile(PolicyId id) {
        try {
            Optional<JsonNode> found = live.find(ObjectKey.policy(id));
            List<LabelledPod> pods = knowledge.pods().of(id);
            return Result.of(found.map(PolicyObject::of)
                    .map(object -> there(object, pods))
                    .orElseGet(() -> gone(id, pods)));
        } catch (ApiException e) {
            return new Result(List.of(e.line()), Optional.of(TRY_AGAIN), false);
        }
    }

    private List<Outcome> there(PolicyObject object, List<LabelledPod> pods) {
        PolicyObject before = known.put(object.id(), object);
        if (before != null && !before.uid().equals(object.uid())) {
            writers.events().forget(before.uid());
        }
        if (object.deleting()) {
            return deleting(object, pods);
        }
        // What is in force may still be of an earlier generation. Then it is looked at again when it no longer is.
        return knowledge
                .workloads()
                .apply(object.id())
                .filter(workload -> workload.version()
                        .filter(new PolicyVersion(object.uid(), object.generation())::equals)
                        .isPresent())
                .map(workload -> inForce(object, workload, pods))
                .orElse(List.of());
    }

    private List<Outcome> inForce(PolicyObject object, WorkloadStatus workload, List<LabelledPod> pods) {
        DesiredObject configMap = trust.of(object.id(), object.uid(), workload.publicRoots());
        List<Outcome> outcomes =
                writers.objects().reconcile(object.id(), desired.present(object, workload, configMap, pods));
        PolicyStatus status = new StatusOf(
                        workload,
                        pods,
                        knowledge.fleet().sidecars(object.id(), workload.revision()),
                        WorkloadObjects.problems(outcomes))
                .status(object.generation());
        Outcome written = writers.statuses().write(object, status);
        writers.events().tell(object, status, outcomes);
        return and(outcomes, written);
    }

    private List<Outcome> deleting(PolicyObject object, List<LabelledPod> pods) {
        List<Outcome> outcomes = writers.objects().reconcile(object.id(), desired.deleted(object, pods));
        boolean stays = pods.stream().anyMatch(LabelledPod::mayRun);
        return stays ? and(outcomes, writers.statuses().write(object, StatusOf.deleting(object, pods))) : outcomes;
    }

    private List<Outcome> gone(PolicyId id, List<LabelledPod> pods) {
        PolicyObject before = known.remove(id);
        if (before != null) {
            writers.events().forget(before.uid());
            writers.statuses().forget(before);
            trust.forget(id);
        }
        return writers.objects().reconcile(id, desired.gone(id, pods));
    }

    private static List<Outcome> and(List<Outcome> outcomes, Outcome last) {
        return Stream.concat(outcomes.stream(), Stream.of(last)).toList();
    }
}
