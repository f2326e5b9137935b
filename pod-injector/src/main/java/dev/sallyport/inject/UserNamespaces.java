package dev.sallyport.inject;

import java.util.stream.Stream;

/** A user namespace of the Pod's own has 65,536 user ids, and none for a sidecar: the Pod would never start. */
final class UserNamespaces implements PolicyRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod, KnownPolicy.InForce known) {
        boolean own = pod.spec().has("hostUsers") && !pod.spec().flag("hostUsers");
        return own && Capturing.hasSidecar(known.policy())
                ? Stream.of(Refusal.found(
                        pod.spec().pathOf("hostUsers"),
                        false,
                        "true or nothing: the sidecar's user id is beyond those of a user namespace"))
                : Stream.empty();
    }
}
