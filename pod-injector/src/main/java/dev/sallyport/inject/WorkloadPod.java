package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.bootstrap.PodLayout;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A Pod with the policy label, as the rules see it.
 *
 * @param namespace that it is made in; what the Pod says itself may be empty
 * @param pod the whole of it
 * @param containers of all kinds, without those that carry the names of ours: {@link OwnParts} looks at these
 */
record WorkloadPod(String namespace, PodElement pod, List<PodElement> containers) {
    static final Set<String> OWN_CONTAINERS = Set.of(PodLayout.SIDECAR, PodLayout.NET);
    static final List<String> CONTAINER_LISTS = List.of("initContainers", "containers", "ephemeralContainers");

    WorkloadPod {
        containers = List.copyOf(containers);
    }

    static WorkloadPod of(String namespace, ObjectNode json) {
        PodElement pod = PodElement.of(json);
        PodElement spec = pod.at("spec");
        Stream<PodElement> all = CONTAINER_LISTS.stream().flatMap(list -> spec.list(list).stream());
        return new WorkloadPod(namespace, pod, all.filter(one -> !isOwn(one)).toList());
    }

    static boolean isOwn(PodElement container) {
        return OWN_CONTAINERS.contains(container.text("name"));
    }

    PodElement spec() {
        return pod.at("spec");
    }

    /** The policy that it names; empty: without the label. */
    Optional<String> policy() {
        return labels().optionalText(PodLayout.POLICY_LABEL);
    }

    /** Where it names it. */
    String policyPath() {
        return labels().pathOf(PodLayout.POLICY_LABEL);
    }

    private PodElement labels() {
        return pod.at("metadata").at("labels");
    }

    /** The service account plugin of the API server has filled this in. */
    String serviceAccount() {
        return Stream.of("serviceAccountName", "serviceAccount")
                .map(spec()::text)
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse("default");
    }
}
