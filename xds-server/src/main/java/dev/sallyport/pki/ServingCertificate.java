package dev.sallyport.pki;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/**
 * The certificate that a server should show now. A server asks for {@link #current} with each handshake, or at {@link #renewAt}, and compares: the same object as before means that nothing changed. Open connections are not
 * touched. Thread-safe.
 */
public final class ServingCertificate {
    private final Function<Instant, LeafCertificate> issue;
    private final Clock clock;
    private volatile Held held;

    private record Held(LeafCertificate certificate, Instant from, Instant renewAt) {
        boolean isDue(Instant now) {
            // Before its time: the clock was ahead when it was issued.
            return !now.isBefore(renewAt) || now.isBefore(from);
        }
    }

    ServingCertificate(Function<Instant, LeafCertificate> issue, Clock clock) {
        this.issue = issue;
        this.clock = clock;
        this.held = issued(clock.instant());
    }

    /** The certificate, a new one once two thirds of its life are over. */
    public LeafCertificate current() {
        Instant now = clock.instant();
        return held.isDue(now) ? renewed(now) : held.certificate();
    }

    /** When {@link #current} has a new one at the latest. */
    public Instant renewAt() {
        return held.renewAt();
    }

    private synchronized LeafCertificate renewed(Instant now) {
        if (held.isDue(now)) {
            held = issued(now);
        }
        return held.certificate();
    }

    private Held issued(Instant now) {
        LeafCertificate certificate = issue.apply(now);
        Duration untilRenewal =
                Duration.between(now, certificate.notAfter()).multipliedBy(2).dividedBy(3);
        return new Held(certificate, certificate.notBefore(), now.plus(untilRenewal));
    }

    @Override
    public String toString() {
        return held.certificate().toString();
    }
}
