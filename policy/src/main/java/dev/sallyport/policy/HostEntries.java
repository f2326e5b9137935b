package dev.sallyport.policy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads {@code spec.hosts}. */
final class HostEntries {
    static final int MAX_HOSTS = 1_000;
    static final int MAX_OWN_UPSTREAMS = 32;

    private final SortedMap<HostPattern, Integer> lines = new TreeMap<>();
    private final Map<HostPattern, String> paths = new HashMap<>();
    private final List<HostEntry> entries = new ArrayList<>();

    /** Reads the field from {@code spec}; entries with errors are left out, and said. */
    HostEntries(Fields spec) {
        List<Element> elements = spec.list("hosts", "a list of host entries").orElse(List.of());
        if (elements.size() > MAX_HOSTS) {
            spec.element("hosts")
                    .ifPresent(
                            list -> list.error("found " + elements.size() + " hosts, expected at most " + MAX_HOSTS));
        }
        elements.stream().limit(MAX_HOSTS).forEach(this::add);
        long own = entries.stream()
                .filter(entry ->
                        entry.trustedCa().isPresent() || !entry.resolveTo().isEmpty())
                .count();
        if (own > MAX_OWN_UPSTREAMS) {
            spec.element("hosts")
                    .ifPresent(list -> list.error("found " + own
                            + " hosts with trustedCa or resolveTo, expected at most " + MAX_OWN_UPSTREAMS));
        }
    }

    private void add(Element element) {
        HostEntryReader.read(element).ifPresent(read -> {
            HostPattern host = read.entry().host();
            String earlier = paths.putIfAbsent(host, element.path());
            if (earlier == null) {
                entries.add(read.entry());
                lines.put(host, read.host().node().line());
            } else {
                read.host().error("host " + host + " already has an entry, " + earlier + " in line " + lines.get(host));
            }
        });
    }

    /** Sorted by pattern. */
    List<HostEntry> sorted() {
        return entries.stream().sorted(Comparator.comparing(HostEntry::host)).toList();
    }

    /** Where each entry stands. */
    SortedMap<HostPattern, Integer> lines() {
        return Collections.unmodifiableSortedMap(lines);
    }
}
