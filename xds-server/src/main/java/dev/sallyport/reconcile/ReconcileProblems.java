package dev.sallyport.reconcile;

import dev.sallyport.policy.PolicyId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is in the way of each workload now. Logs each line when it comes and when it goes. Thread-safe. */
final class ReconcileProblems {
    private static final Logger LOG = LoggerFactory.getLogger(ReconcileProblems.class);

    private final int most;
    private final SortedMap<PolicyId, List<String>> problems = new TreeMap<>();

    /** @param most how many {@link #lines} there are at most */
    ReconcileProblems(int most) {
        this.most = most;
    }

    synchronized void put(PolicyId workload, List<String> now) {
        List<String> before = now.isEmpty() ? problems.remove(workload) : problems.put(workload, now);
        Set<String> earlier = before == null ? Set.of() : new HashSet<>(before);
        now.stream().filter(line -> !earlier.contains(line)).forEach(line -> LOG.warn("{}: {}", workload, line));
        earlier.stream()
                .filter(line -> !now.contains(line))
                .sorted()
                .forEach(line -> LOG.info("no longer: {}: {}", workload, line));
    }

    synchronized void clear() {
        problems.clear();
    }

    synchronized List<String> lines() {
        return problems.entrySet().stream()
                .map(Map.Entry::getValue)
                .flatMap(List::stream)
                .distinct()
                .limit(most)
                .toList();
    }
}
