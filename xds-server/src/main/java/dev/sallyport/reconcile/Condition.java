package dev.sallyport.reconcile;

import java.time.Instant;
import java.util.Optional;

/**
 * One condition of a policy's status, as Kubernetes has them.
 *
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param reason one word for programs
 * @param message for people; never holds a secret
 * @param since when {@code status} last became another
 */
record Condition(Type type, String status, String reason, String message, Instant since) {
    /** What they are about. */
    enum Type {
        /** The policy is in force as written. */
        Accepted,
        /** Every credential has a usable value. */
        CredentialsReady,
        /** The objects of the workload are there: trust bundle, NetworkPolicy, Service. */
        TrustReady,
        /** Every live Pod's sidecar holds the newest revision. */
        Programmed
    }

    static Condition of(Type type, boolean good, String reason, String message) {
        return new Condition(type, good ? "True" : "False", reason, message, Instant.EPOCH);
    }

    /** This one, dated: as old as {@code before} where that says the same. */
    Condition since(Optional<Condition> before, Instant now) {
        Instant date = before.filter(old -> old.status.equals(status))
                .map(Condition::since)
                .orElse(now);
        return new Condition(type, status, reason, message, date);
    }
}
