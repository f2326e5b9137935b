package dev.sallyport.pki;

import dev.sallyport.policy.PolicyId;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Issues the leaf certificates that sidecars show to apps. Thread-safe; keeps nothing: each call of {@link #issue} makes a key and a certificate, about a fifth of a millisecond of CPU.
 *
 * <p>A leaf is renewed at the end of its {@linkplain LeafSlot slot}. Its CA is that of the epoch in which the slot began, so a change of epoch renews nothing before its time.
 */
public final class LeafIssuer {
    /** Shortest life of a leaf. */
    public static final Duration MIN_TTL = Duration.ofSeconds(60);

    /** Longest life of a leaf. */
    public static final Duration MAX_TTL = Duration.ofDays(7);

    private final WorkloadCas cas;
    private final Clock clock;
    private final KeyedHash phases;
    private final KeyedHash versions;

    public LeafIssuer(RootSeed seed, WorkloadCas cas, Clock clock) {
        this.cas = cas;
        this.clock = clock;
        this.phases = seed.hmac("leaf phase");
        this.versions = seed.hmac("leaf version");
    }

    /**
     * The slot of now. Cheap: nothing is issued.
     *
     * @param ttl life of a leaf, {@link #MIN_TTL} to {@link #MAX_TTL}
     */
    public LeafSlot slot(PolicyId workload, String host, Duration ttl) {
        requireTtl(ttl);
        long length = ttl.toMillis() * 2 / 3;
        long phase = phase(workload, host, length);
        long index = Math.floorDiv(clock.millis() + phase, length);
        Instant start = Instant.ofEpochMilli(index * length - phase);
        // The issuer is in it too: it follows from the workload, the length of epochs and the slot.
        String version = versions.begin()
                .add(workload.namespace())
                .add(workload.name())
                .add(cas.epochs().length().toSeconds())
                .add(host)
                .add(ttl.toMillis())
                .add(index)
                .hex();
        return new LeafSlot(version, start, start.plusMillis(length));
    }

    /** Whether {@code slot}, of whatever workload, host and life, is still the one of now. */
    public boolean isCurrent(LeafSlot slot) {
        return slot.contains(clock.instant());
    }

    /**
     * A new leaf for the slot of now. It is valid from 5 minutes before the slot (a clock that was ahead and is set right finds it valid) until {@code ttl} from now.
     *
     * @param host an exact host name as policies hold them: ASCII, lower case
     * @param ttl life of the leaf, {@link #MIN_TTL} to {@link #MAX_TTL}
     */
    public LeafCertificate issue(PolicyId workload, String host, Duration ttl) {
        DnsNames.require(host);
        Instant start = slot(workload, host, ttl).start();
        return cas.issuer(workload, start).issue(List.of(host), start, clock.instant(), ttl);
    }

    /** Spreads renewals: hosts that were added together are not renewed together, and nobody without the seed knows when. */
    private long phase(PolicyId workload, String host, long length) {
        byte[] hash = phases.begin()
                .add(workload.namespace())
                .add(workload.name())
                .add(host)
                .bytes();
        return Math.floorMod(ByteBuffer.wrap(hash).getLong(), length);
    }

    private static void requireTtl(Duration ttl) {
        if (ttl.compareTo(MIN_TTL) < 0 || ttl.compareTo(MAX_TTL) > 0) {
            throw new IllegalArgumentException("leafTtl: " + ttl + " (expected: " + MIN_TTL + " to " + MAX_TTL + ")");
        }
    }
}
