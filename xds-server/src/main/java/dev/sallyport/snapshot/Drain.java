package dev.sallyport.snapshot;

import dev.sallyport.policy.Action;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.TlsMode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What was taken away from one workload a moment ago. Sidecars close the connections of a chain that went after their drain time; until then requests on them must be refused, and the internal listener of a port that no entry
 * lists any more must stay: Envoy lets new connections into a removed one for as long. For one thread.
 */
final class Drain {
    /** A port's last chains are gone after one drain time; its listener, empty by then, goes after the second. */
    private static final int PORT_DRAINS = 2;

    private final Duration drainTime;
    private final Map<String, Gone> hosts = new TreeMap<>();
    private final Map<Integer, Instant> ports = new TreeMap<>();

    /** An intercepted host whose connections may still be open. */
    private record Gone(HostEntry entry, Instant since) {}

    Drain(Duration drainTime) {
        this.drainTime = drainTime;
    }

    /** Notes what the step from {@code before} to {@code after} takes away. */
    void change(List<HostEntry> before, List<HostEntry> after, Instant now) {
        HostTable table = HostTable.of(after);
        before.stream()
                .filter(entry -> entry.action() == Action.Allow && entry.tls() == TlsMode.Intercept)
                .forEach(entry -> hosts.put(entry.host().text(), new Gone(entry, now)));
        hosts.values().removeIf(gone -> refusal(gone.entry(), table).isEmpty());
        SortedSet<Integer> listed = ports(after);
        ports(before).forEach(port -> ports.put(port, now));
        ports.keySet().removeAll(listed);
    }

    /** Forgets what has drained. A clock that was set back does not make it last longer than from now. */
    void expire(Instant now) {
        hosts.replaceAll((host, gone) -> gone.since().isAfter(now) ? new Gone(gone.entry(), now) : gone);
        ports.replaceAll((port, since) -> since.isAfter(now) ? now : since);
        hosts.values().removeIf(gone -> !now.isBefore(hostEnd(gone)));
        ports.values().removeIf(since -> !now.isBefore(portEnd(since)));
    }

    /** Hosts that are leaving, and why a request to them is refused under {@code current}. */
    SortedMap<String, Reason> leaving(List<HostEntry> current) {
        HostTable table = HostTable.of(current);
        SortedMap<String, Reason> leaving = new TreeMap<>();
        hosts.forEach((host, gone) -> refusal(gone.entry(), table).ifPresent(reason -> leaving.put(host, reason)));
        return leaving;
    }

    SortedSet<Integer> retainedPorts() {
        return new TreeSet<>(ports.keySet());
    }

    /** When {@link #expire} has something to do next; empty: never. */
    Optional<Instant> next() {
        return Stream.concat(
                        hosts.values().stream().map(this::hostEnd),
                        ports.values().stream().map(this::portEnd))
                .min(Instant::compareTo);
    }

    private Instant hostEnd(Gone gone) {
        return gone.since().plus(drainTime);
    }

    private Instant portEnd(Instant since) {
        return since.plus(drainTime.multipliedBy(PORT_DRAINS));
    }

    /** Why connections that {@code entry} let in are not let in any more; empty: they are. */
    private static Optional<Reason> refusal(HostEntry entry, HostTable table) {
        Optional<HostEntry> deciding = table.deciding(entry.host());
        if (deciding.isEmpty()) {
            return Optional.of(Reason.HOST_NOT_ALLOWED);
        }
        if (deciding.get().action() == Action.Deny) {
            return Optional.of(Reason.HOST_DENIED);
        }
        boolean open = deciding.get().ports().containsAll(entry.ports());
        return open ? Optional.empty() : Optional.of(Reason.PORT_NOT_ALLOWED);
    }

    private static SortedSet<Integer> ports(List<HostEntry> hosts) {
        SortedSet<Integer> ports = new TreeSet<>();
        hosts.stream().filter(entry -> entry.action() == Action.Allow).forEach(entry -> ports.addAll(entry.ports()));
        return ports;
    }
}
