package dev.sallyport.reconcile;

import dev.sallyport.policy.PolicyId;
import java.util.ArrayList;
import java.util.List;

/** Brings a workload's objects to what they should be, in the order in which nothing opens. */
final class WorkloadObjects {
    private final ObjectWriter writer;
    private final PolicyFinalizer finalizers;

    WorkloadObjects(ObjectWriter writer, PolicyFinalizer finalizers) {
        this.writer = writer;
        this.finalizers = finalizers;
    }

    /** What came of each wish; those that hold each other up are left out until the next time. */
    List<Outcome> reconcile(PolicyId id, DesiredObjects.Wishes wishes) {
        List<Outcome> outcomes = new ArrayList<>();
        if (wishes.finalizer() == DesiredObjects.Finalizer.ADDED) {
            outcomes.add(finalizers.add(id));
        }
        for (DesiredObject object : wishes.present()) {
            outcomes.add(writer.apply(object));
        }
        boolean gone = true;
        for (ObjectKey key : wishes.absent()) {
            Outcome outcome = writer.delete(key);
            outcomes.add(outcome);
            gone &= outcome.isDone();
        }
        if (gone && wishes.finalizer() == DesiredObjects.Finalizer.REMOVED) {
            outcomes.add(finalizers.remove(id));
        }
        return outcomes;
    }

    /** What keeps the objects from being as they should, one line each. */
    static List<String> problems(List<Outcome> outcomes) {
        return outcomes.stream().flatMap(outcome -> outcome.problem().stream()).toList();
    }
}
