package dev.sallyport.snapshot;

import dev.sallyport.policy.PolicyId;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** When time alone calls for a look at each workload, the first in front. For one thread. */
final class DueTimes {
    private final Map<PolicyId, Due> times = new HashMap<>();
    private final TreeSet<Due> order =
            new TreeSet<>(Comparator.comparing(Due::time).thenComparing(Due::workload));

    private record Due(Instant time, PolicyId workload) {}

    /** In the place of what was due for it before. */
    void put(PolicyId workload, Instant time) {
        Due due = new Due(time, workload);
        Due before = times.put(workload, due);
        if (!due.equals(before)) {
            remove(before);
            order.add(due);
        }
    }

    void remove(PolicyId workload) {
        remove(times.remove(workload));
    }

    private void remove(@Nullable Due due) {
        if (due != null) {
            order.remove(due);
        }
    }

    /** The workloads that are due by {@code now}; they stay so until something else is put. */
    void until(Instant now, Consumer<? super PolicyId> workload) {
        for (Due due : order) {
            if (due.time().isAfter(now)) {
                return;
            }
            workload.accept(due.workload());
        }
    }

    /** The first of all times. */
    Optional<Instant> next() {
        return order.isEmpty() ? Optional.empty() : Optional.of(order.first().time());
    }
}
