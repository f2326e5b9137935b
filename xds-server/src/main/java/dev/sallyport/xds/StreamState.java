package dev.sallyport.xds;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import dev.sallyport.snapshot.WorkloadSnapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known of one sidecar, and what it is to be sent next. Knows nothing of gRPC, threads or clocks: times are nanoseconds that the caller gives. Not thread-safe.
 *
 * <p>Only the newest snapshot counts: whatever was not sent of the one before is never sent.
 */
final class StreamState {
    private static final List<ResourceType> ORDER =
            List.of(ResourceType.CLUSTER, ResourceType.SECRET, ResourceType.ROUTE, ResourceType.LISTENER);

    private final SidecarTypes types = new SidecarTypes();
    private final StreamLimits limits;
    private final SidecarPorts ports;
    private final Drain clusterDrain;
    private final Drain secretDrain;

    /** Listeners that the sidecar brought along and that are not wanted any more. On a live stream an internal listener is never removed: it would go on accepting for the drain time. */
    private final Set<String> listenersToRemove = new HashSet<>();

    private Delivery delivery;
    private @Nullable WorkloadSnapshot held;

    StreamState(StreamLimits limits, SidecarPorts ports, WorkloadSnapshot first) {
        this.limits = limits;
        this.ports = ports;
        this.clusterDrain = new Drain(limits.drainTime().toNanos());
        this.secretDrain = new Drain(limits.drainTime().toNanos());
        this.delivery =
                new Delivery(first, null, ports, types, limits.gateTimeout().toNanos());
    }

    /** From now on the sidecar is brought to {@code newest}. */
    void target(WorkloadSnapshot newest) {
        delivery = new Delivery(newest, held, ports, types, limits.gateTimeout().toNanos());
    }

    /** Takes up a request; the result says what it replied to, if that was the response on its way. */
    Optional<Reply> request(ResourceType type, DeltaRequest.Valid request, long now) {
        TypeState state = types.of(type);
        boolean first = !state.isRequested();
        state.subscribe(request);
        if (first && type == ResourceType.LISTENER) {
            listenersToRemove.addAll(state.heldNames());
        }
        return request.nonce().isEmpty() ? Optional.empty() : state.reply(request.nonce(), request.error(), now);
    }

    /** What to send now; empty: nothing until something happens, or {@link #nanosToNext} have passed. */
    Optional<Push> next(long now) {
        delivery.advance(now);
        if (delivery.isComplete()) {
            held = delivery.target();
        }
        updateDrains(now);
        for (ResourceType type : ORDER) {
            TypeState state = types.of(type);
            if (state.isFree()) {
                Optional<Push> push = next(state, now);
                if (push.isPresent()) {
                    return push;
                }
            }
        }
        return Optional.empty();
    }

    private void updateDrains(long now) {
        WorkloadSnapshot target = delivery.target();
        boolean complete = delivery.isComplete();
        clusterDrain.update(types.clusters().heldNames(), target.clusters().keySet(), complete, now);
        secretDrain.update(types.secrets().heldNames(), target.secretNames(), complete, now);
    }

    private Optional<Push> next(TypeState state, long now) {
        Candidates candidates = delivery.candidates(state.type(), now);
        removable(state, now)
                .filter(name -> delivery.wanted(state.type(), name).isEmpty())
                .forEach(candidates::removeIfNeeded);
        Optional<Push> push = candidates.push(limits.maxResponseBytes(), now);
        return push.isEmpty() && state.isAnswerOwed() && delivery.isEmpty(state.type())
                ? Optional.of(new Push(state.type(), List.of(), List.of()))
                : push;
    }

    private Stream<String> removable(TypeState state, long now) {
        return switch (state.type()) {
            case CLUSTER -> Stream.concat(clusterDrain.due(now).stream(), neverExisted(state));
            case LISTENER ->
                Stream.concat(delivery.isComplete() ? listenersToRemove.stream() : Stream.empty(), neverExisted(state));
            case ROUTE -> Stream.empty();
            case SECRET -> secretDrain.due(now).stream();
        };
    }

    private static Stream<String> neverExisted(TypeState state) {
        return state.subscribedNames().stream().filter(name -> !state.holds(name));
    }

    void sent(Push push, String nonce, long now) {
        types.of(push.type()).sent(push, nonce, now);
    }

    /** How many names the sidecar makes the server remember. */
    int names() {
        return types.all().stream().mapToInt(TypeState::names).sum();
    }

    /** When the oldest response that was not answered yet was sent. */
    Optional<Long> unansweredSince() {
        return types.all().stream()
                .flatMap(state -> state.outstandingSince().stream())
                .min((a, b) -> Long.signum(a - b));
    }

    /** How long until {@link #next} may have something although nothing happened; {@link Long#MAX_VALUE}: not for that reason. */
    long nanosToNext(long now) {
        return Math.min(
                delivery.nanosToGate(now), Math.min(clusterDrain.nanosToNext(now), secretDrain.nanosToNext(now)));
    }

    /** The snapshot that the sidecar is brought to. */
    WorkloadSnapshot target() {
        return delivery.target();
    }

    boolean isComplete() {
        return delivery.isComplete();
    }

    /** The last snapshot that the sidecar held completely. */
    Optional<WorkloadSnapshot> held() {
        return Optional.ofNullable(held);
    }

    SidecarTypes types() {
        return types;
    }

    /** Whether a version is what the newest snapshot still has. */
    boolean isWanted(ResourceType type, String name, String version) {
        return delivery.wanted(type, name)
                .map(VersionedResource::version)
                .filter(version::equals)
                .isPresent();
    }
}
