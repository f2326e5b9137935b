package dev.sallyport.reconcile;

import dev.sallyport.source.kubernetes.ApiAnswer;
import java.time.Clock;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Events on policies that a person must act on. The same trouble is told once, whichever replica tells it; again when it went away and came back. An Event that cannot be written is tried again the next time that the policy is looked
 * at. Thread-safe, for different policies at a time.
 */
final class PolicyEvents {
    private final ObjectRequests api;
    private final BooleanSupplier mayWrite;
    private final String instance;
    private final Clock clock;
    private final ConcurrentMap<String, Map<Reason, Told>> told = new ConcurrentHashMap<>();

    /** What people are told about. */
    enum Reason {
        NotAccepted,
        CredentialUnusable,
        ForeignObject,
        RejectedBySidecar
    }

    /** What was last told of one reason. */
    private record Told(PolicyEvent event, boolean present) {}

    /**
     * Does not connect yet.
     *
     * @param instance names this replica
     */
    PolicyEvents(ObjectRequests api, BooleanSupplier mayWrite, String instance, Clock clock) {
        this.api = api;
        this.mayWrite = mayWrite;
        this.instance = instance;
        this.clock = clock;
    }

    /** Tells what is new in a policy's status and among the outcomes of its objects. */
    void tell(PolicyObject object, PolicyStatus status, Collection<Outcome> outcomes) {
        if (!mayWrite.getAsBoolean()) {
            return;
        }
        Map<Reason, Told> before = told.computeIfAbsent(object.uid(), first -> new EnumMap<>(Reason.class));
        Map<Reason, String> now = troubles(status, outcomes);
        for (Reason reason : Reason.values()) {
            String note = now.get(reason);
            Told last = before.get(reason);
            if (note == null) {
                before.computeIfPresent(reason, (same, gone) -> new Told(gone.event(), false));
            } else if (last == null || !last.present() || !last.event().note().equals(PolicyEvent.cut(note))) {
                tell(object, reason, note, Optional.ofNullable(last)).ifPresent(event -> before.put(reason, event));
            }
        }
    }

    /** The policy is gone. */
    void forget(String uid) {
        told.remove(uid);
    }

    private static Map<Reason, String> troubles(PolicyStatus status, Collection<Outcome> outcomes) {
        Map<Reason, String> troubles = new EnumMap<>(Reason.class);
        status.conditions().stream()
                .filter(condition -> !condition.status().equals("True"))
                .forEach(condition -> put(troubles, condition));
        String foreign = outcomes.stream()
                .filter(Outcome.Foreign.class::isInstance)
                .flatMap(outcome -> outcome.problem().stream())
                .collect(Collectors.joining("; "));
        if (!foreign.isEmpty()) {
            troubles.put(Reason.ForeignObject, foreign);
        }
        return troubles;
    }

    private static void put(Map<Reason, String> troubles, Condition condition) {
        switch (condition.type()) {
            case Accepted -> troubles.put(Reason.NotAccepted, condition.message());
            case CredentialsReady -> troubles.put(Reason.CredentialUnusable, condition.message());
            case Programmed -> {
                if (condition.reason().equals(StatusOf.REJECTED)) {
                    troubles.put(Reason.RejectedBySidecar, withoutCounts(condition.message()));
                }
            }
            case TrustReady -> {} // foreign objects are told below, the rest passes or is in the status
        }
    }

    /** Counts change with every Pod, and what is wrong does not. */
    private static String withoutCounts(String message) {
        int at = message.indexOf(StatusOf.REFUSED);
        return at < 0 ? message : message.substring(at + 2);
    }

    private Optional<Told> tell(PolicyObject object, Reason reason, String note, Optional<Told> last) {
        PolicyEvent fresh = PolicyEvent.first(object, reason, note);
        try {
            Optional<PolicyEvent> again =
                    last.map(Told::event).filter(event -> event.isAbout(fresh)).map(PolicyEvent::again);
            if (again.isPresent()
                    && api.merge(again.get().key(), again.get().series(clock.instant()))
                            .isGood()) {
                return Optional.of(new Told(again.get(), true));
            }
            ApiAnswer answer = api.create(fresh.key(), fresh.json(instance, clock.instant()));
            // Another replica has told it, or this one before it was started anew.
            boolean known = answer.isGood() || answer.isConflict();
            return known ? Optional.of(new Told(fresh, true)) : Optional.empty();
        } catch (ApiException notNow) {
            return Optional.empty();
        }
    }
}
