package dev.sallyport.snapshot;

import dev.sallyport.policy.Action;
import dev.sallyport.policy.Addresses;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.HostPattern;
import dev.sallyport.policy.Timeouts;
import dev.sallyport.policy.TlsMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The entries of a policy that allows, of every name and port, what two policies both allow. While a sidecar goes from one to the other its proxy lets in nothing that the chains behind it are not ready for, and nothing
 * that was taken away.
 */
final class InterimHosts {
    /** From the widest to the narrowest, so that what surrounds a pattern is known when it is its turn. */
    private static final Comparator<HostPattern> WIDEST_FIRST = Comparator.comparing(HostPattern::isExact)
            .thenComparing(
                    pattern -> pattern.text().chars().filter(c -> c == '.').count())
            .thenComparing(Comparator.naturalOrder());

    private final HostTable held;
    private final HostTable next;
    private final HostTable table = new HostTable();
    private final SortedMap<HostPattern, HostEntry> interim = new TreeMap<>();

    private InterimHosts(List<HostEntry> held, List<HostEntry> next) {
        this.held = HostTable.of(held);
        this.next = HostTable.of(next);
    }

    /** Empty: {@code next} allows nothing that {@code held} does not, and may be put in force at once. */
    static Optional<List<HostEntry>> between(List<HostEntry> held, List<HostEntry> next) {
        SortedSet<HostPattern> patterns = new TreeSet<>(WIDEST_FIRST);
        held.forEach(entry -> patterns.add(entry.host()));
        next.forEach(entry -> patterns.add(entry.host()));
        InterimHosts interim = new InterimHosts(held, next);
        if (patterns.stream().noneMatch(interim::added)) {
            return Optional.empty();
        }
        patterns.forEach(interim::add);
        return Optional.of(new ArrayList<>(interim.interim.values()));
    }

    private boolean added(HostPattern pattern) {
        return !held.ports(pattern).containsAll(next.ports(pattern));
    }

    private void add(HostPattern pattern) {
        SortedSet<Integer> both = new TreeSet<>(next.ports(pattern));
        both.retainAll(held.ports(pattern));
        Optional<HostEntry> ruling = next.deciding(pattern);
        boolean own = ruling.isPresent() && ruling.get().host().equals(pattern);
        if (both.isEmpty()) {
            boolean denied = own && ruling.get().action() == Action.Deny;
            if (denied || !surrounding(pattern).isEmpty()) {
                put(deny(pattern));
            }
        } else if (own || !surrounding(pattern).equals(both)) {
            ruling.ifPresent(entry -> put(narrowed(entry, pattern, both)));
        }
    }

    private void put(HostEntry entry) {
        interim.put(entry.host(), entry);
        table.add(entry);
    }

    /** What the wider entries would open if there were none for {@code pattern}. */
    private Set<Integer> surrounding(HostPattern pattern) {
        return table.ports(pattern);
    }

    private static HostEntry deny(HostPattern pattern) {
        return new HostEntry(
                pattern,
                Action.Deny,
                List.of(),
                TlsMode.Passthrough,
                Addresses.Public,
                List.of(),
                Optional.empty(),
                List.of(),
                Timeouts.DEFAULT);
    }

    private static HostEntry narrowed(HostEntry entry, HostPattern pattern, Collection<Integer> ports) {
        return new HostEntry(
                pattern,
                Action.Allow,
                List.copyOf(ports),
                entry.tls(),
                entry.addresses(),
                entry.resolveTo(),
                entry.trustedCa(),
                entry.credentials(),
                entry.timeouts());
    }
}
