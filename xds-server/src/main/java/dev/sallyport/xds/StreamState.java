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

    /** Listeners that the sidecar brought along; those that are not wanted any more are removed. On a live stream an internal listener is never removed: it would go on accepting for the drain time. */
    private final Set<String> broughtListeners = new HashSet<>();

    private long listenersAskedAt;
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
        updateDrains(types.clusters().heldNames(), types.secrets().heldNames());
    }

    /** Takes up a request; the result says what it replied to, if that was the response on its way. */
    Optional<Reply> request(ResourceType type, DeltaRequest.Valid request, long now) {
        TypeState state = types.of(type);
        boolean first = !state.isRequested();
        state.subscribe(SharedText.of(request, name -> delivery.wanted(type, name)));
        if (first && type == ResourceType.LISTENER) {
            broughtListeners.addAll(state.heldNames());
            listenersAskedAt = now;
        }
        return request.nonce().isEmpty() ? Optional.empty() : state.reply(request.nonce(), request.error(), now);
    }

    /** What to send next, in this order and of one type; empty: nothing until something happens, or {@link #nanosToNext} have passed. Tell each that goes out to {@link #sent}, then ask again. */
    List<Push> next(long now) {
        advance(now);
        for (ResourceType type : ORDER) {
            TypeState state = types.of(type);
            long room = isTooEarly(state, now) ? 0 : state.room(limits.maxResponseBytes());
            List<Push> pushes = room > 0 ? next(state, room, now) : List.of();
            if (!pushes.isEmpty()) {
                return pushes;
            }
        }
        return List.of();
    }

    /** Looks at what happened since the last time, and at nothing else. */
    private void advance(long now) {
        Set<String> clusters = types.clusters().takeChanged();
        Set<String> secrets = types.secrets().takeChanged();
        types.forgetChanges();
        delivery.advance(secrets, now);
        updateDrains(clusters, secrets);
        if (delivery.isComplete()) {
            held = delivery.target();
            clusterDrain.complete(now);
            secretDrain.complete(now);
        }
    }

    /** A sidecar that comes back asks for all types at once, listeners before routes; the routes go first. */
    private boolean isTooEarly(TypeState state, long now) {
        return state.type() == ResourceType.LISTENER && nanosToListeners(now) > 0;
    }

    private long nanosToListeners(long now) {
        boolean waits = !broughtListeners.isEmpty() && !types.routes().isRequested();
        return waits ? listenersAskedAt + limits.gateTimeout().toNanos() - now : 0;
    }

    private void updateDrains(Set<String> clusters, Set<String> secrets) {
        WorkloadSnapshot target = delivery.target();
        clusterDrain.changed(
                clusters, types.clusters().heldNames(), target.clusters().keySet());
        secretDrain.changed(secrets, types.secrets().heldNames(), target.secretNames());
    }

    private List<Push> next(TypeState state, long room, long now) {
        Candidates candidates = new Candidates(state, room, now);
        delivery.addTo(candidates, state.type(), now);
        removable(state, now)
                .filter(name -> delivery.wanted(state.type(), name).isEmpty())
                .forEach(candidates::removeIfNeeded);
        List<Push> pushes = candidates.pushes();
        return pushes.isEmpty() && state.isAnswerOwed() && delivery.isEmpty(state.type())
                ? List.of(new Push(state.type(), List.of(), List.of()))
                : pushes;
    }

    private Stream<String> removable(TypeState state, long now) {
        return switch (state.type()) {
            case CLUSTER -> Stream.concat(clusterDrain.due(now).stream(), neverExisted(state));
            case LISTENER ->
                Stream.concat(delivery.isComplete() ? broughtListeners.stream() : Stream.empty(), neverExisted(state));
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
                .flatMap(state -> state.unansweredSince().stream())
                .min((a, b) -> Long.signum(a - b));
    }

    /** How long until {@link #next} may have something although nothing happened; {@link Long#MAX_VALUE}: not for that reason. */
    long nanosToNext(long now) {
        long listeners = nanosToListeners(now);
        return Math.min(
                Math.min(delivery.nanosToGate(now), listeners > 0 ? listeners : Long.MAX_VALUE),
                Math.min(clusterDrain.nanosToNext(now), secretDrain.nanosToNext(now)));
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
