package dev.sallyport.policy;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a policy says about a host and a port: the rule that sidecars enforce, for tools and tests. Thread-safe: has no state. */
public final class Decisions {
    private static final Pattern NAME = Pattern.compile(Hosts.NAME);
    private static final int MAX_NAME = 253;

    private Decisions() {}

    /**
     * The most specific entry decides: the exact name, then the longest suffix, then {@code *}. What no entry covers is denied, and so is everything that is no host name: an IP address matches
     * nothing, {@code *} included.
     *
     * @param host as an app writes it: in any case, with one trailing dot or without
     * @param port 1..65535
     */
    public static Decision decide(EgressPolicy policy, String host, int port) {
        if (policy.access() == Access.Unrestricted) {
            return new Decision(unrestricted(host), Optional.empty());
        }
        Optional<HostEntry> entry = name(host).flatMap(name -> mostSpecific(policy, name));
        return new Decision(
                entry.map(found -> reason(found, port)).orElse(Optional.of(Reason.HOST_NOT_ALLOWED)), entry);
    }

    /** Without a sidecar only addresses are refused: a name may lead to one all the same, which the network then refuses. */
    private static Optional<Reason> unrestricted(String host) {
        return IpAddress.parse(host.replaceAll("[\\[\\]]", ""))
                .filter(address -> SpecialAddresses.isLinkLocalOrMetadata(address))
                .map(address -> Reason.ADDRESS_NOT_PUBLIC);
    }

    private static Optional<Reason> reason(HostEntry entry, int port) {
        if (entry.action() == Action.Deny) {
            return Optional.of(Reason.HOST_DENIED);
        }
        return entry.allows(port) ? Optional.empty() : Optional.of(Reason.PORT_NOT_ALLOWED);
    }

    private static Optional<HostEntry> mostSpecific(EgressPolicy policy, String name) {
        return policy.hosts().stream()
                .filter(entry -> entry.host().covers(name))
                .max(Comparator.comparing((HostEntry entry) -> entry.host().isExact())
                        .thenComparing(entry -> entry.host().text().length()));
    }

    /** The name that a policy can speak of; empty for addresses and for what is no name. */
    private static Optional<String> name(String host) {
        if (host.length() > MAX_NAME + 1) {
            return Optional.empty();
        }
        String name = Hosts.withoutTrailingDot(host);
        // The letters are checked first: lower-casing turns some that are not ASCII into some that are.
        return Optional.of(name)
                .filter(written -> NAME.matcher(written).matches())
                .map(written -> written.toLowerCase(Locale.ROOT));
    }
}
