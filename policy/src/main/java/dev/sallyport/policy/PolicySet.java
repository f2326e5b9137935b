package dev.sallyport.policy;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All policies at one moment, compiled. A workload is in exactly one of the two maps, or unknown.
 *
 * @param accepted policies that are in force
 * @param rejected workloads whose document does not compile, with its errors: they deny everything
 */
public record PolicySet(SortedMap<PolicyId, EgressPolicy> accepted, SortedMap<PolicyId, List<PolicyProblem>> rejected) {
    public static final PolicySet EMPTY = new PolicySet(new TreeMap<>(), new TreeMap<>());

    public PolicySet {
        accepted = Collections.unmodifiableSortedMap(new TreeMap<>(accepted));
        rejected = Collections.unmodifiableSortedMap(new TreeMap<>(rejected));
    }
}
