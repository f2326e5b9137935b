package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.kubernetes.KubernetesObjects;
import dev.sallyport.source.kubernetes.ObjectQuery;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * Policies, and the objects that carry our label, as watches tell. What we wrote ourselves counts until the watch has come as far, so that nothing is written again because a watch is late. What no watch shows is asked for: it may be
 * somebody else's. Thread-safe.
 */
final class WatchedObjects implements LiveObjects, AutoCloseable {
    /** A page of these is held in memory, and each may be half a mebibyte. */
    private static final int FEW = 20;

    /** A watch that is later than this is not waited for. */
    private static final Duration LATE = Duration.ofSeconds(10);

    private static final Map<ObjectKey.Kind, UnaryOperator<String>> POLICY_OF = Map.of(
            ObjectKey.Kind.EgressPolicy, name -> name,
            ObjectKey.Kind.NetworkPolicy, name -> without(ObjectNames.NETWORK_POLICY, name),
            ObjectKey.Kind.ConfigMap, name -> without(ObjectNames.TRUST, name),
            ObjectKey.Kind.Service, name -> name);

    private final Map<ObjectKey.Kind, KubernetesObjects> watches;
    private final LiveObjects asked;
    private final LongSupplier nanoTime;
    private final ConcurrentMap<ObjectKey, Own> own = new ConcurrentHashMap<>();

    /**
     * What we did to an object.
     *
     * @param object as the API server answered; empty: it is deleted
     * @param uid of the object that was deleted
     */
    private record Own(Optional<JsonNode> object, String uid, long at) {}

    /**
     * Starts nothing yet.
     *
     * @param watch makes a watch of some objects which keeps of each what it is told
     * @param asked for what no watch shows
     */
    WatchedObjects(
            BiFunction<ObjectQuery, UnaryOperator<JsonNode>, KubernetesObjects> watch,
            LiveObjects asked,
            LongSupplier nanoTime) {
        this.asked = asked;
        this.nanoTime = nanoTime;
        Map<ObjectKey.Kind, KubernetesObjects> all = new EnumMap<>(ObjectKey.Kind.class);
        for (ObjectKey.Kind kind : POLICY_OF.keySet()) {
            all.put(kind, watch.apply(query(kind), reduction(kind)));
        }
        this.watches = Collections.unmodifiableMap(all);
    }

    private static ObjectQuery query(ObjectKey.Kind kind) {
        ObjectQuery all = kind.query();
        return switch (kind) {
            case EgressPolicy -> all;
            case ConfigMap -> all.labelled(ObjectNames.OURS).paged(FEW);
            default -> all.labelled(ObjectNames.OURS);
        };
    }

    private static UnaryOperator<JsonNode> reduction(ObjectKey.Kind kind) {
        return kind == ObjectKey.Kind.EgressPolicy ? LiveObject::reducedPolicy : LiveObject::reduced;
    }

    /** Calls {@code listener} with the workload of each object that came, changed or went; it must return at once. Call before {@link #start}. */
    void onChange(Consumer<PolicyId> listener) {
        watches.forEach((kind, watch) -> watch.onChange(name -> {
            PolicyId workload = workload(kind, name);
            if (ObjectNames.isWorkload(workload)) {
                listener.accept(workload);
            }
        }));
    }

    void start() {
        watches.values().forEach(KubernetesObjects::start);
    }

    /** Whether everything is known that can be: policies, and the rest or why it is not. */
    boolean isSettled() {
        return watch(ObjectKey.Kind.EgressPolicy).synced()
                && watches.values().stream()
                        .allMatch(watch -> watch.synced() || watch.problem().isPresent());
    }

    /** Why something is not known as it is now, one line each. */
    List<String> problems() {
        return watches.values().stream()
                .flatMap(watch -> watch.problem().stream())
                .toList();
    }

    /** All that have a policy, or a NetworkPolicy that one has left behind. */
    NavigableSet<PolicyId> workloads() {
        NavigableSet<PolicyId> workloads = new TreeSet<>();
        for (ObjectKey.Kind kind : List.of(ObjectKey.Kind.EgressPolicy, ObjectKey.Kind.NetworkPolicy)) {
            watch(kind).all().stream()
                    .map(object -> workload(kind, name(object)))
                    .filter(ObjectNames::isWorkload)
                    .forEach(workloads::add);
        }
        return workloads;
    }

    private static PolicyId workload(ObjectKey.Kind kind, ObjectName name) {
        UnaryOperator<String> policyOf = POLICY_OF.getOrDefault(kind, other -> "");
        return new PolicyId(name.namespace(), policyOf.apply(name.name()));
    }

    private static ObjectName name(JsonNode object) {
        return new ObjectName(
                object.at("/metadata/namespace").asText(),
                object.at("/metadata/name").asText());
    }

    private static String without(String prefix, String name) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : "";
    }

    @Override
    public Optional<JsonNode> find(ObjectKey key) throws ApiException {
        Optional<JsonNode> known = known(key);
        boolean complete =
                key.kind() == ObjectKey.Kind.EgressPolicy && watch(key.kind()).synced() && !own.containsKey(key);
        return known.isPresent() || complete ? known : asked.find(key);
    }

    @Override
    public Optional<JsonNode> findOurs(ObjectKey key) throws ApiException {
        KubernetesObjects watch = watches.get(key.kind());
        boolean asks = watch == null || !watch.synced();
        return (asks ? find(key) : known(key)).filter(LiveObject::isOurs);
    }

    private Optional<JsonNode> known(ObjectKey key) {
        KubernetesObjects watch = watches.get(key.kind());
        if (watch == null) {
            return Optional.empty();
        }
        Own last = own.get(key);
        if (last != null && isAhead(last, key, watch)) {
            boolean late = nanoTime.getAsLong() - last.at() > LATE.toNanos();
            return late ? Optional.empty() : last.object();
        }
        if (last != null) {
            own.remove(key, last);
        }
        return watch.find(key.namespace(), key.name());
    }

    /** Whether what the watch shows is older than what we did. */
    private static boolean isAhead(Own last, ObjectKey key, KubernetesObjects watch) {
        if (last.object().isPresent()) {
            return !watch.isUpTo(
                    last.object().get().at("/metadata/resourceVersion").asText());
        }
        return watch.find(key.namespace(), key.name())
                .filter(shown -> LiveObject.uid(shown).equals(last.uid()))
                .filter(shown -> !shown.path("metadata").has("deletionTimestamp"))
                .isPresent();
    }

    @Override
    public void written(ObjectKey key, JsonNode answer) {
        if (watches.containsKey(key.kind())) {
            JsonNode object = reduction(key.kind()).apply(answer);
            own.put(key, new Own(Optional.of(object), "", nanoTime.getAsLong()));
        }
    }

    @Override
    public void deleted(ObjectKey key, String uid) {
        own.put(key, new Own(Optional.empty(), uid, nanoTime.getAsLong()));
    }

    private KubernetesObjects watch(ObjectKey.Kind kind) {
        return Optional.ofNullable(watches.get(kind))
                .orElseThrow(() -> new IllegalArgumentException(kind + " is not watched"));
    }

    @Override
    public void close() {
        watches.values().forEach(KubernetesObjects::close);
    }
}
