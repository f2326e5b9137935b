package dev.sallyport.snapshot;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.ObjectName;
import dev.sallyport.policy.PolicyId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which workloads refer to a Secret or a ConfigMap, so that a change of one leads to them and to no other. For one thread. */
final class ReferenceIndex {
    private final Map<PolicyId, List<HostEntry>> known = new HashMap<>();
    private final Users secrets = new Users();
    private final Users configMaps = new Users();

    /** Workloads by what they refer to. */
    private static final class Users {
        private final Map<ObjectName, Set<PolicyId>> byObject = new HashMap<>();

        void add(PolicyId workload, Stream<ObjectName> objects) {
            objects.forEach(object ->
                    byObject.computeIfAbsent(object, first -> new HashSet<>()).add(workload));
        }

        void remove(PolicyId workload, Stream<ObjectName> objects) {
            objects.forEach(object -> byObject.computeIfPresent(object, (name, users) -> {
                users.remove(workload);
                return users.isEmpty() ? null : users;
            }));
        }

        void of(ObjectName object, Consumer<? super PolicyId> workload) {
            byObject.getOrDefault(object, Set.of()).forEach(workload);
        }
    }

    /** From now on the workload refers to what {@code hosts} name. */
    void put(PolicyId workload, List<HostEntry> hosts) {
        @Nullable List<HostEntry> before = known.get(workload);
        if (before == hosts) {
            return;
        }
        remove(workload);
        known.put(workload, hosts);
        secrets.add(workload, secretNames(workload, hosts));
        configMaps.add(workload, configMapNames(workload, hosts));
    }

    void remove(PolicyId workload) {
        @Nullable List<HostEntry> before = known.remove(workload);
        if (before != null) {
            secrets.remove(workload, secretNames(workload, before));
            configMaps.remove(workload, configMapNames(workload, before));
        }
    }

    void usersOfSecret(ObjectName secret, Consumer<? super PolicyId> workload) {
        secrets.of(secret, workload);
    }

    /** All that refer to any. */
    void usersOfSecrets(Consumer<? super PolicyId> workload) {
        secrets.byObject.values().forEach(users -> users.forEach(workload));
    }

    void usersOfConfigMap(ObjectName configMap, Consumer<? super PolicyId> workload) {
        configMaps.of(configMap, workload);
    }

    private static Stream<ObjectName> secretNames(PolicyId workload, List<HostEntry> hosts) {
        return hosts.stream()
                .flatMap(entry -> entry.credentials().stream())
                .flatMap(credential -> credential.secret().stream())
                .flatMap(key -> names(workload, key.name()));
    }

    private static Stream<ObjectName> configMapNames(PolicyId workload, List<HostEntry> hosts) {
        return hosts.stream().flatMap(entry -> entry.trustedCa().stream()).flatMap(key -> names(workload, key.name()));
    }

    /** What {@code name} may stand for: the object of the workload's namespace, and one that serves every namespace. */
    private static Stream<ObjectName> names(PolicyId workload, String name) {
        return Stream.of(new ObjectName(workload.namespace(), name), ObjectName.shared(name));
    }
}
