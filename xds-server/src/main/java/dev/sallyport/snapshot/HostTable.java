package dev.sallyport.snapshot;

import dev.sallyport.policy.Action;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.HostPattern;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The entries of one policy, asked which of them decides. */
final class HostTable {
    private final Map<HostPattern, HostEntry> entries = new HashMap<>();

    static HostTable of(List<HostEntry> hosts) {
        HostTable table = new HostTable();
        hosts.forEach(table::add);
        return table;
    }

    void add(HostEntry entry) {
        entries.put(entry.host(), entry);
    }

    /** The most specific entry that covers all that {@code pattern} covers: itself, then the longest suffix, then {@code *}. */
    Optional<HostEntry> deciding(HostPattern pattern) {
        HostEntry itself = entries.get(pattern);
        if (itself != null || pattern.isAny()) {
            return Optional.ofNullable(itself);
        }
        return deciding(parent(pattern));
    }

    /** The ports that are open for what {@code pattern} covers, as far as no more specific entry decides. */
    Set<Integer> ports(HostPattern pattern) {
        return deciding(pattern)
                .filter(entry -> entry.action() == Action.Allow)
                .map(entry -> Set.copyOf(entry.ports()))
                .orElse(Set.of());
    }

    /** The next wider pattern: {@code a.b.c}, {@code *.b.c}, {@code *.c}, {@code *}. */
    private static HostPattern parent(HostPattern pattern) {
        String name = pattern.isExact() ? pattern.text() : pattern.text().substring("*.".length());
        int dot = name.indexOf('.');
        return dot < 0 ? HostPattern.ANY : new HostPattern("*" + name.substring(dot));
    }
}
