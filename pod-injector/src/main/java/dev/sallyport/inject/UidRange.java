package dev.sallyport.inject;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** User ids of the range that sidecars have are for sidecars. */
final class UidRange implements PodRule {
    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        return Stream.concat(Stream.of(pod.spec()), pod.containers().stream())
                .map(owner -> owner.at("securityContext"))
                .flatMap(context -> refusal(context).stream());
    }

    private static Optional<Refusal> refusal(PodElement context) {
        OptionalLong uid = context.integer("runAsUser");
        return uid.isPresent() && SidecarUid.isOne(uid.getAsLong())
                ? Optional.of(Refusal.found(
                        context.pathOf("runAsUser"),
                        uid.getAsLong(),
                        "a user id outside of " + SidecarUid.FIRST + ".." + SidecarUid.LAST
                                + ", which are those of sidecars"))
                : Optional.empty();
    }
}
