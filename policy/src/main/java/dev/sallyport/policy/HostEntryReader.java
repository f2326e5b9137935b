package dev.sallyport.policy;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads one element of {@code spec.hosts}. */
final class HostEntryReader {
    static final int MAX_RESOLVE_TO = 16;
    private static final Duration MAX_TIMEOUT = Duration.ofDays(1);
    static final DurationRange TIMEOUT = new DurationRange(
            Duration.ZERO, MAX_TIMEOUT, "from 0s (none) to 24h in whole milliseconds, such as 500ms or 1h30m");
    static final String[] FIELDS = {
        "host", "action", "ports", "tls", "addresses", "resolveTo", "trustedCa", "credentials", "timeouts"
    };

    private final Fields fields;
    private final HostPattern host;

    private HostEntryReader(Fields fields, HostPattern host) {
        this.fields = fields;
        this.host = host;
    }

    /** An entry, which may have errors, and where its host stands. */
    record Read(HostEntry entry, Element host) {}

    /** Empty when the element is no entry of any host. */
    static Optional<Read> read(Element element) {
        return element.fields(FIELDS).flatMap(fields -> {
            Optional<Element> host = fields.required("host", "a host name, *.SUFFIX or *");
            Optional<HostPattern> pattern = host.flatMap(HostEntryReader::pattern);
            // The rest is read even without a host, so that all errors are told at once.
            HostEntry entry = new HostEntryReader(fields, pattern.orElse(new HostPattern("?"))).entry();
            return pattern.flatMap(known -> host.map(at -> new Read(entry, at)));
        });
    }

    private static Optional<HostPattern> pattern(Element element) {
        return element.text().flatMap(text -> {
            Hosts.Normalised normalised = Hosts.normalise(text);
            if (normalised instanceof Hosts.Normalised.Accepted accepted) {
                return Optional.of(accepted.pattern());
            }
            element.error(((Hosts.Normalised.Refused) normalised).message());
            return Optional.empty();
        });
    }

    private HostEntry entry() {
        Action action = fields.choice("action", Action.class).orElse(Action.Allow);
        return action == Action.Deny ? denied() : allowed();
    }

    private HostEntry denied() {
        fields.withoutEffect(
                "on a Deny entry, which covers every port",
                "ports",
                "tls",
                "addresses",
                "resolveTo",
                "trustedCa",
                "credentials",
                "timeouts");
        return new HostEntry(
                host,
                Action.Deny,
                List.of(),
                host.isExact() ? TlsMode.Intercept : TlsMode.Passthrough,
                Addresses.Public,
                List.of(),
                Optional.empty(),
                List.of(),
                Timeouts.DEFAULT);
    }

    private HostEntry allowed() {
        TlsMode tls = tls();
        if (tls == TlsMode.Passthrough) {
            fields.withoutEffect("on a host that is passed through unread", "trustedCa", "credentials");
        }
        List<PinnedAddress> resolveTo = resolveTo();
        return new HostEntry(
                host,
                Action.Allow,
                Ports.read(fields),
                tls,
                addresses(),
                resolveTo,
                trustedCa(),
                new Credentials(host.text()).read(fields),
                timeouts());
    }

    private TlsMode tls() {
        TlsMode usual = host.isExact() ? TlsMode.Intercept : TlsMode.Passthrough;
        TlsMode chosen = fields.choice("tls", TlsMode.class).orElse(usual);
        if (chosen == TlsMode.Intercept && !host.isExact()) {
            fields.element("tls").ifPresent(tls -> tls.expected("Passthrough: a wildcard cannot be intercepted"));
            return TlsMode.Passthrough;
        }
        return chosen;
    }

    private Addresses addresses() {
        Addresses chosen = fields.choice("addresses", Addresses.class).orElse(Addresses.Public);
        if (fields.has("resolveTo")) {
            fields.withoutEffect("with resolveTo", "addresses");
        }
        return chosen;
    }

    private List<PinnedAddress> resolveTo() {
        Optional<List<Element>> elements = fields.list("resolveTo", "a list of IP or IP:PORT");
        Optional<Element> whole = fields.element("resolveTo");
        elements.filter(List::isEmpty)
                .flatMap(none -> whole)
                .ifPresent(
                        list -> list.error(
                                "found an empty list, expected at least one address (leave the field out to resolve the name)"));
        elements.filter(many -> many.size() > MAX_RESOLVE_TO)
                .flatMap(many -> whole)
                .ifPresent(list -> list.error(
                        "found more than " + MAX_RESOLVE_TO + " addresses, expected at most " + MAX_RESOLVE_TO));
        if (!host.isExact()) {
            whole.ifPresent(list ->
                    list.error("a wildcard covers many names, which have no address in common; name the hosts"));
        }
        return distinct(elements.orElse(List.of()));
    }

    private static List<PinnedAddress> distinct(List<Element> elements) {
        Set<PinnedAddress> addresses = new LinkedHashSet<>();
        for (Element element : elements.subList(0, Math.min(elements.size(), MAX_RESOLVE_TO))) {
            PinnedAddresses.read(element).ifPresent(address -> {
                if (!addresses.add(address)) {
                    element.error("found " + address.ip() + " a second time");
                }
            });
        }
        return List.copyOf(addresses);
    }

    private Optional<ConfigMapKey> trustedCa() {
        return fields.element("trustedCa")
                .flatMap(element -> element.fields("configMapKeyRef"))
                .flatMap(source -> References.required(source, "configMapKeyRef", ConfigMapKey::new));
    }

    private Timeouts timeouts() {
        return fields.element("timeouts")
                .flatMap(element -> element.fields("request", "idle"))
                .map(timeouts -> new Timeouts(
                        timeouts.duration("request", TIMEOUT).orElse(Timeouts.DEFAULT.request()),
                        timeouts.duration("idle", TIMEOUT).orElse(Timeouts.DEFAULT.idle())))
                .orElse(Timeouts.DEFAULT);
    }
}
