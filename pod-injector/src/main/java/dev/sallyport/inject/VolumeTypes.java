package dev.sallyport.inject;

import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Volumes are of the types that the Pod Security Standards allow to restricted Pods. A {@code hostPath} leads to the node's files; of most of the others (nfs, iscsi, gitRepo, …) the Pod names the server, and the node talks to it past
 * every rule of the Pod.
 */
final class VolumeTypes implements PodRule {
    private static final Set<String> ALLOWED = Set.of(
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret");

    @Override
    public Stream<Refusal> refusals(WorkloadPod pod) {
        return pod.spec().list("volumes").stream().flatMap(VolumeTypes::refusals);
    }

    private static Stream<Refusal> refusals(PodElement volume) {
        Iterable<String> fields = () -> volume.json().fieldNames();
        return StreamSupport.stream(fields.spliterator(), false)
                .filter(type -> !type.equals("name") && volume.has(type) && !ALLOWED.contains(type))
                .sorted(Comparator.naturalOrder())
                .map(type -> new Refusal(
                        volume.pathOf(type),
                        "found a volume of type " + type + ", expected one of "
                                + String.join(", ", ALLOWED.stream().sorted().toList())
                                + ": the node opens others for the Pod, past its rules"));
    }
}
