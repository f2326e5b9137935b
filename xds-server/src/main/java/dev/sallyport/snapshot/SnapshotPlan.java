package dev.sallyport.snapshot;

import dev.sallyport.policy.Reason;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything that decides what a snapshot holds, before any of it is made. Cheap to make and to compare: equal plans make equal snapshots.
 *
 * @param resolved of the same rules; compared by identity, so it is kept while what it was made of is equal
 * @param leaving hosts on whose open connections requests are refused
 * @param retainedPorts ports that no entry lists any more
 * @param caUntil when the workload's CA bundle changes next, which tells bundles apart
 * @param leaves by the name of the secret
 */
record SnapshotPlan(
        Rules rules,
        Resolved resolved,
        SortedMap<String, Reason> leaving,
        SortedSet<Integer> retainedPorts,
        Instant caUntil,
        SortedMap<String, VersionedResource> leaves) {
    SnapshotPlan {
        leaving = Collections.unmodifiableSortedMap(new TreeMap<>(leaving));
        retainedPorts = Collections.unmodifiableSortedSet(new TreeSet<>(retainedPorts));
        leaves = Collections.unmodifiableSortedMap(new TreeMap<>(leaves));
    }
}
