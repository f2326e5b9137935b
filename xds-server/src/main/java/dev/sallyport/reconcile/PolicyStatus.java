package dev.sallyport.reconcile;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The status of one EgressPolicy object. Immutable. Holds no secret.
 *
 * @param observedGeneration the generation of the object that it is about
 * @param hosts entries in force
 * @param revision what the sidecars should hold
 * @param pods live Pods of the workload
 * @param sidecars what is known of their sidecars
 * @param podsWithoutSidecar live Pods that have none, though the policy asks for one
 * @param serviceAddress the DNS name of the workload's Service
 * @param messages what a person should know or do, the most important first
 * @param conditions one of each type, in the order of the types
 */
record PolicyStatus(
        long observedGeneration,
        int hosts,
        String revision,
        int pods,
        Sidecars sidecars,
        int podsWithoutSidecar,
        Optional<String> serviceAddress,
        List<String> messages,
        List<Condition> conditions) {
    PolicyStatus {
        messages = List.copyOf(messages);
        conditions = List.copyOf(conditions);
    }

    /**
     * Counts of sidecars of live Pods.
     *
     * @param connected to any replica
     * @param current of those, who hold the newest revision and refused nothing
     * @param rejecting of those, who refused a part of it
     */
    record Sidecars(int connected, int current, int rejecting) {}

    /** The same with each condition dated: as old as that of {@code before} where that says the same. */
    PolicyStatus dated(List<Condition> before, Instant now) {
        List<Condition> dated = conditions.stream()
                .map(condition -> condition.since(
                        before.stream()
                                .filter(old -> old.type() == condition.type())
                                .findFirst(),
                        now))
                .toList();
        return new PolicyStatus(
                observedGeneration,
                hosts,
                revision,
                pods,
                sidecars,
                podsWithoutSidecar,
                serviceAddress,
                messages,
                dated);
    }

    /** {@code CURRENT/LIVE PODS}. */
    String programmed() {
        return sidecars.current() + "/" + pods;
    }
}
