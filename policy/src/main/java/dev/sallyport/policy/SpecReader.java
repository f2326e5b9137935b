package dev.sallyport.policy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Reads {@code spec}. */
final class SpecReader {
    static final String[] FIELDS = {
        "access", "capture", "serviceAccounts", "keepCapabilities", "hosts", "expose", "certificates"
    };
    private static final Duration DEFAULT_LEAF_TTL = Duration.ofDays(1);
    private static final DurationRange LEAF_TTL =
            new DurationRange(Duration.ofMinutes(1), Duration.ofDays(7), "from 60s to 168h, such as 24h");
    static final int MAX_LIST = 100;
    private static final Set<String> CAPABILITIES = Set.of("SETUID", "SETGID");

    private final Fields spec;
    private final HostEntries hosts;

    SpecReader(Fields spec) {
        this.spec = spec;
        this.hosts = new HostEntries(spec);
    }

    HostEntries hosts() {
        return hosts;
    }

    /** The policy as far as it can be read. Not to be used when there were errors. */
    EgressPolicy policy(PolicyId id) {
        Access access = spec.choice("access", Access.class).orElse(Access.Restricted);
        Capture capture = spec.choice("capture", Capture.class).orElse(Capture.Redirect);
        if (access != Access.Restricted) {
            spec.withoutEffect("with access " + access + ", which has no sidecar", "hosts", "certificates");
        }
        if (capture == Capture.Proxy) {
            spec.withoutEffect("with capture Proxy, which takes no capability away", "keepCapabilities");
        }
        return new EgressPolicy(
                id, access, capture, serviceAccounts(), keepCapabilities(), hosts.sorted(), expose(), leafTtl());
    }

    private List<String> serviceAccounts() {
        spec.element("serviceAccounts")
                .filter(element -> element.isEmptyList())
                .ifPresent(list ->
                        list.error("found an empty list, expected at least one name (leave the field out for any)"));
        return strings("serviceAccounts", DnsNames::isSubdomain, DnsNames.SUBDOMAIN_RULE);
    }

    private List<String> keepCapabilities() {
        return strings("keepCapabilities", CAPABILITIES::contains, "one of SETGID, SETUID");
    }

    /** A sorted list of strings without repetition. */
    private List<String> strings(String field, Predicate<String> valid, String rule) {
        TreeSet<String> values = new TreeSet<>();
        for (Element element : bounded(field, "a list of strings")) {
            element.text(valid, rule).ifPresent(value -> {
                if (!values.add(value)) {
                    element.error("found " + value + " a second time");
                }
            });
        }
        return List.copyOf(values);
    }

    private List<ExposedPort> expose() {
        ExposedPorts ports = new ExposedPorts();
        bounded("expose", "a list of name and port").forEach(ports::add);
        return ports.sorted();
    }

    private List<Element> bounded(String field, String expected) {
        List<Element> elements = spec.list(field, expected).orElse(List.of());
        if (elements.size() > MAX_LIST) {
            spec.element(field)
                    .ifPresent(
                            list -> list.error("found " + elements.size() + " elements, expected at most " + MAX_LIST));
        }
        return elements.stream().limit(MAX_LIST).toList();
    }

    private Duration leafTtl() {
        return spec.element("certificates")
                .flatMap(element -> element.fields("leafTtl"))
                .flatMap(certificates -> certificates.duration("leafTtl", LEAF_TTL))
                .orElse(DEFAULT_LEAF_TTL);
    }
}
