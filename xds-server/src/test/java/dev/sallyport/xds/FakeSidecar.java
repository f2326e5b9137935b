package dev.sallyport.xds;

import static dev.sallyport.snapshot.ResourceType.CLUSTER;
import static dev.sallyport.snapshot.ResourceType.LISTENER;
import static dev.sallyport.snapshot.ResourceType.ROUTE;
import static dev.sallyport.snapshot.ResourceType.SECRET;
import static java.util.stream.Collectors.joining;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.WorkloadSnapshot;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a {@link StreamState}: asks, answers, and writes down what it is sent, one line a response: {@code CLUSTER a@1 b@1 -c} for two resources and one removal.
 */
final class FakeSidecar {
    static final StreamLimits LIMITS = new StreamLimits(
            1 << 20, 1_000, 100, 100, 64 << 10, Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofSeconds(17));

    final StreamState state;
    private final Map<ResourceType, Queue<String>> inFlight = new EnumMap<>(ResourceType.class);
    private long now = -5_000_000_000L;
    private int nonce;

    FakeSidecar(WorkloadSnapshot first) {
        this(first, LIMITS);
    }

    FakeSidecar(WorkloadSnapshot first, StreamLimits limits) {
        state = new StreamState(limits, SidecarPorts.DEFAULT, first);
    }

    /** A sidecar that started on a snapshot of {@link TestSnapshot#oneHost} or more, and holds all of it. */
    static FakeSidecar holding(WorkloadSnapshot snapshot) {
        FakeSidecar sidecar = new FakeSidecar(snapshot);
        sidecar.asks(CLUSTER);
        sidecar.takesEverything();
        sidecar.asks(LISTENER);
        sidecar.takesEverything();
        sidecar.asks(ROUTE, "proxy", "tls/443");
        sidecar.asks(SECRET, snapshot.secretNames().toArray(String[]::new));
        sidecar.takesEverything();
        return sidecar;
    }

    void asks(ResourceType type, String... names) {
        request(type, List.of(names), List.of(), Map.of(), "", null);
    }

    void takesBack(ResourceType type, String... names) {
        request(type, List.of(), List.of(names), Map.of(), "", null);
    }

    void comesBack(ResourceType type, Map<String, String> versions, String... names) {
        request(type, List.of(names), List.of(), versions, "", null);
    }

    /** Answers the oldest response of that type. */
    void acks(ResourceType type) {
        answers(type, null);
    }

    void nacks(ResourceType type, String reason) {
        answers(type, reason);
    }

    private void answers(ResourceType type, @Nullable String error) {
        String answered = inFlight(type).poll();
        if (answered == null) {
            throw new AssertionError("nothing of type " + type + " to answer");
        }
        request(type, List.of(), List.of(), Map.of(), answered, error);
    }

    Optional<Reply> request(
            ResourceType type,
            List<String> subscribe,
            List<String> unsubscribe,
            Map<String, String> versions,
            String nonce,
            @Nullable String error) {
        return state.request(
                type,
                new DeltaRequest.Valid(null, type.typeUrl(), subscribe, unsubscribe, versions, nonce, error),
                now);
    }

    /** Everything that is sent without an answer. */
    List<String> receives() {
        List<String> lines = new ArrayList<>();
        for (List<Push> pushes = state.next(now); !pushes.isEmpty(); pushes = state.next(now)) {
            for (Push push : pushes) {
                nonce++;
                state.sent(push, "n" + nonce, now);
                inFlight(push.type()).add("n" + nonce);
                lines.add(line(push));
            }
        }
        return lines;
    }

    /** Everything that is sent when each response is acknowledged. */
    List<String> takesEverything() {
        List<String> lines = new ArrayList<>();
        for (List<String> more = receives(); !more.isEmpty(); more = receives()) {
            lines.addAll(more);
            for (ResourceType type : ResourceType.values()) {
                while (isWaiting(type)) {
                    acks(type);
                }
            }
        }
        return lines;
    }

    /** Whether a response of that type is to be answered. */
    boolean isWaiting(ResourceType type) {
        return !inFlight(type).isEmpty();
    }

    void after(Duration time) {
        now += time.toNanos();
    }

    long now() {
        return now;
    }

    private Queue<String> inFlight(ResourceType type) {
        return inFlight.computeIfAbsent(type, same -> new ArrayDeque<>());
    }

    private static String line(Push push) {
        String resources = push.resources().stream().map(r -> " " + r).collect(joining());
        String removed = push.removed().stream().map(name -> " -" + name).collect(joining());
        return push.type() + resources + removed;
    }
}
