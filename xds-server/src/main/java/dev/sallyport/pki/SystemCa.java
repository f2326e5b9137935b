package dev.sallyport.pki;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** The CA of the control plane's own servers, derived from the root seed as those of workloads are, and apart from them. Thread-safe. */
public final class SystemCa {
    private static final Duration LIFE = Duration.ofHours(24);

    private final DerivedCas cas;
    private final Clock clock;

    public SystemCa(RootSeed seed, Clock clock) {
        this.cas = new DerivedCas(seed, "system CA", new Epochs(Epochs.DEFAULT_LENGTH));
        this.clock = clock;
    }

    /** What sidecars and the API server should trust: the CAs of this epoch and of the next, for the first 14 days of an epoch that of the one before too. The same on every replica. */
    public String pem() {
        return DerivedCas.pem(cas.bundle(List.of(), clock.instant()));
    }

    /** A certificate for a server of these names, 24 h long, which renews itself. */
    public ServingCertificate issue(List<String> dnsNames) {
        if (dnsNames.isEmpty()) {
            throw new IllegalArgumentException("names of a serving certificate: none (expected: at least one)");
        }
        dnsNames.forEach(DnsNames::require);
        List<String> names = List.copyOf(dnsNames);
        return new ServingCertificate(
                now -> cas.authority(List.of(), cas.epochs().at(now)).issue(names, now, now, LIFE), clock);
    }
}
