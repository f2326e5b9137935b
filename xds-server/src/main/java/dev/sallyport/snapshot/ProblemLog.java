package dev.sallyport.snapshot;

import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyProblem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs each problem once when it comes, and once when it goes: not everybody looks at {@code status}. For one thread. */
final class ProblemLog {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemLog.class);

    private final Map<PolicyId, Set<String>> ofWorkloads = new HashMap<>();
    private LoopReport last = LoopReport.NOT_SYNCED;

    /** How many workloads, or the rest, have each line. */
    private final Map<String, Integer> known = new HashMap<>();

    /**
     * @param workloads those of which {@code report} may say something else than the one before
     */
    void update(LoopReport report, Set<PolicyId> workloads) {
        Map<String, Integer> before = new HashMap<>();
        for (PolicyId id : workloads) {
            Set<String> now = lines(id, report);
            Set<String> earlier = now.isEmpty() ? ofWorkloads.remove(id) : ofWorkloads.put(id, now);
            replace(earlier == null ? Set.of() : earlier, now, before);
        }
        if (!report.sameRest(last)) {
            replace(rest(last), rest(report), before);
        }
        last = report;
        SortedSet<String> touched = new TreeSet<>(before.keySet());
        touched.stream()
                .filter(line -> before.getOrDefault(line, 0) == 0 && known.containsKey(line))
                .forEach(line -> LOG.warn("{}", line));
        touched.stream()
                .filter(line -> before.getOrDefault(line, 0) > 0 && !known.containsKey(line))
                .forEach(line -> LOG.info("no longer: {}", line));
    }

    private void replace(Set<String> earlier, Set<String> now, Map<String, Integer> before) {
        if (earlier.equals(now)) {
            return;
        }
        earlier.forEach(line -> count(line, -1, before));
        now.forEach(line -> count(line, 1, before));
    }

    private void count(String line, int difference, Map<String, Integer> before) {
        before.putIfAbsent(line, known.getOrDefault(line, 0));
        int holders = known.getOrDefault(line, 0) + difference;
        if (holders == 0) {
            known.remove(line);
        } else {
            known.put(line, holders);
        }
    }

    private static Set<String> rest(LoopReport report) {
        Set<String> lines = new TreeSet<>(report.sourceProblems());
        report.otherProblems().stream().map(PolicyProblem::toString).forEach(lines::add);
        return lines;
    }

    private static Set<String> lines(PolicyId id, LoopReport report) {
        List<PolicyProblem> ofDocuments = report.problems().find(id).orElse(List.of());
        Optional<WorkloadStatus> workload = report.workloads().find(id);
        Set<String> lines = new TreeSet<>();
        ofDocuments.forEach(problem -> lines.add(problem.toString()));
        workload.ifPresent(status -> addLines(status, lines));
        return lines;
    }

    private static void addLines(WorkloadStatus workload, Set<String> lines) {
        PolicyId id = workload.id();
        workload.problems().stream()
                .filter(problem -> !lines.contains(problem))
                .toList()
                .forEach(problem -> lines.add(id + ": " + problem));
        workload.credentials()
                .forEach(credential -> lines.add(id + ": credential " + credential.header() + " of " + credential.host()
                        + " cannot be used: " + credential.reason()));
        workload.trustedCas()
                .forEach(ca -> lines.add(id + ": trustedCa of " + ca.host() + " cannot be used: " + ca.reason()));
    }
}
