package dev.sallyport.inject;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The Pod's network must be its own, and no process of it may look into its sidecar. */
final class HostNamespaces implements PodRule {
    private static final Map<String, String> WHY = new TreeMap<>(Map.of(
            "hostIPC", "the Pod would share memory with processes of the node",
            "hostNetwork", "the Pod would be in the network of the node, where no rule of its own holds",
            "hostPID", "the Pod would see the processes of the node",
            "shareProcessNamespace", "a container could look into the sidecar, which holds the credentials"));

    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        return WHY.entrySet().stream()
                .filter(field -> pod.spec().flag(field.getKey()))
                .map(field -> Refusal.found(
                        pod.spec().pathOf(field.getKey()), true, "false or nothing: " + field.getValue()));
    }
}
