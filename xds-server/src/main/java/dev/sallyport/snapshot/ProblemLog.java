package dev.sallyport.snapshot;

import dev.sallyport.policy.PolicyProblem;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs each problem once when it comes, and once when it goes: not everybody looks at {@code status}. For one thread. */
final class ProblemLog {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemLog.class);

    private Set<String> known = Set.of();

    void update(LoopStatus status) {
        Set<String> now = lines(status);
        now.stream().filter(line -> !known.contains(line)).forEach(line -> LOG.warn("{}", line));
        known.stream().filter(line -> !now.contains(line)).forEach(line -> LOG.info("no longer: {}", line));
        known = now;
    }

    private static Set<String> lines(LoopStatus status) {
        Set<String> lines = new TreeSet<>(status.sourceProblems());
        status.problems().stream().map(PolicyProblem::toString).forEach(lines::add);
        status.workloads().forEach((id, workload) -> {
            workload.problems().stream()
                    .filter(problem -> !lines.contains(problem))
                    .forEach(problem -> lines.add(id + ": " + problem));
            workload.credentials()
                    .forEach(credential -> lines.add(id + ": credential " + credential.header() + " of "
                            + credential.host() + " cannot be used: " + credential.reason()));
            workload.trustedCas()
                    .forEach(ca -> lines.add(id + ": trustedCa of " + ca.host() + " cannot be used: " + ca.reason()));
        });
        return lines;
    }
}
