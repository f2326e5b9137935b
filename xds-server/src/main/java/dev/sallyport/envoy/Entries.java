package dev.sallyport.envoy;

import dev.sallyport.policy.Action;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.TlsMode;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The host entries of a workload by what they do on a port. */
record Entries(WorkloadModel model) {
    /** Ports that have an internal listener. 443 always has one, so that there is something to warm and nothing to take away. */
    SortedSet<Integer> ports() {
        SortedSet<Integer> ports = new TreeSet<>(model.retainedPorts());
        ports.add(443);
        allowed().forEach(host -> ports.addAll(host.ports()));
        return ports;
    }

    Stream<HostEntry> allowed() {
        return model.hosts().stream().filter(host -> host.action() == Action.Allow);
    }

    Stream<HostEntry> denied() {
        return model.hosts().stream().filter(host -> host.action() == Action.Deny);
    }

    Stream<HostEntry> allowedOn(int port) {
        return allowed().filter(host -> host.allows(port));
    }

    Stream<HostEntry> interceptedOn(int port) {
        return allowedOn(port).filter(host -> host.tls() == TlsMode.Intercept);
    }

    Stream<HostEntry> passedThroughOn(int port) {
        return allowedOn(port).filter(Destinations::isPassthrough);
    }

    /** Patterns that are refused on this port for {@code reason}. A wildcard's chain would take the names that they cover, so they need chains and routes of their own. */
    List<String> refusedOn(int port, Reason reason) {
        Stream<HostEntry> refused =
                reason == Reason.HOST_DENIED ? denied() : allowed().filter(host -> !host.allows(port));
        return refused.map(host -> host.host().text()).toList();
    }

    /** All of {@link #refusedOn}. */
    List<String> refusedOn(int port) {
        return Stream.of(Reason.HOST_DENIED, Reason.PORT_NOT_ALLOWED)
                .flatMap(reason -> refusedOn(port, reason).stream())
                .sorted()
                .toList();
    }

    /** Whether a name that no other entry covers is decided by {@code *}. */
    boolean coverEverything() {
        return model.hosts().stream().anyMatch(host -> host.host().isAny());
    }
}
