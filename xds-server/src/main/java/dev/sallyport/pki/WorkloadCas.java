package dev.sallyport.pki;

import dev.sallyport.policy.PolicyId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The CA of each workload. Nothing is stored: key, certificate and signature follow from the root seed, the workload and a calendar period, so that every replica has the same bytes, and a policy that is deleted and made
 * again has the CA that running apps trust. Thread-safe; what was derived last is kept in memory.
 */
public final class WorkloadCas {
    private final DerivedCas cas;
    private final Clock clock;

    /** CAs that change every 180 days. */
    public WorkloadCas(RootSeed seed, Clock clock) {
        this(seed, Epochs.DEFAULT_LENGTH, clock);
    }

    /**
     * CAs that change with periods of that length, counted from 1970.
     *
     * @param epochLength at least 14 days, whole seconds; another length gives other CAs
     */
    public WorkloadCas(RootSeed seed, Duration epochLength, Clock clock) {
        this.cas = new DerivedCas(seed, "workload CA", new Epochs(epochLength));
        this.clock = clock;
    }

    /** The CA that issues now. */
    public CaCertificate current(PolicyId workload) {
        return issuer(workload, clock.instant()).certificate();
    }

    /**
     * What apps of the workload should trust: the CAs of this epoch and of the next, and for the first 14 days of an epoch that of the one before, whose leaves may still be in use. An app that read this within the last
     * epoch accepts every leaf.
     */
    public List<CaCertificate> bundle(PolicyId workload) {
        return cas.bundle(owner(workload), clock.instant());
    }

    /** {@link #bundle} as PEM text, oldest first; the same on every replica. */
    public String bundlePem(PolicyId workload) {
        return DerivedCas.pem(bundle(workload));
    }

    /** When {@link #bundle} changes next, for every workload at once. */
    public Instant nextChange() {
        return cas.epochs().nextBundleChange(clock.instant());
    }

    CertificateAuthority issuer(PolicyId workload, Instant time) {
        return cas.authority(owner(workload), cas.epochs().at(time));
    }

    Epochs epochs() {
        return cas.epochs();
    }

    private static List<String> owner(PolicyId workload) {
        return List.of(workload.namespace(), workload.name());
    }
}
