package dev.sallyport.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.bootstrap.PodLayout;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Our names in a Pod that comes to us: either it was here before, and everything of ours is as it was left, or somebody else uses our names. A Pod that only looks like an injected one is not admitted.
 */
final class OwnNames {
    private static final String LEAVE_OUT = ": leave out what is called so, and it is added";

    private final OwnParts parts;
    private final List<Refusal> refusals = new ArrayList<>();

    private OwnNames(OwnParts parts) {
        this.parts = parts;
    }

    /** What is not as it would be injected. */
    static List<Refusal> refusals(WorkloadPod pod, OwnParts parts) {
        OwnNames names = new OwnNames(parts);
        names.containers(pod.spec());
        names.volumes(pod.spec());
        pod.containers().forEach(names::mounts);
        return names.refusals;
    }

    /** Whether the Pod was here before, as far as it says. */
    static boolean areIn(PodElement spec) {
        return own(spec, "initContainers", WorkloadPod::isOwn).findAny().isPresent();
    }

    private static Stream<PodElement> own(PodElement spec, String list, Predicate<PodElement> own) {
        return spec.list(list).stream().filter(own);
    }

    private void containers(PodElement spec) {
        Stream.of("containers", "ephemeralContainers")
                .flatMap(list -> own(spec, list, WorkloadPod::isOwn))
                .forEach(container -> refusals.add(Refusal.found(
                        container.pathOf("name"),
                        container.text("name"),
                        "another name: this one is the sidecar's or its packet rules'")));
        if (areIn(spec)) {
            compare(spec, "initContainers", WorkloadPod::isOwn, parts.containers());
        }
    }

    private void volumes(PodElement spec) {
        if (areIn(spec)) {
            compare(spec, "volumes", OwnParts::isOwnVolume, parts.volumes());
        } else {
            own(spec, "volumes", OwnParts::isOwnVolume)
                    .forEach(volume -> refusals.add(Refusal.found(
                            volume.pathOf("name"), volume.text("name"), "another name: this one is the sidecar's")));
        }
    }

    private void compare(PodElement spec, String list, Predicate<PodElement> own, List<ObjectNode> expected) {
        List<PodElement> found = own(spec, list, own).toList();
        for (ObjectNode part : expected) {
            String name = part.path("name").asText();
            if (found.stream().noneMatch(one -> one.text("name").equals(name))) {
                refusals.add(new Refusal(
                        spec.pathOf(list), name + " is missing beside others of the injector's" + LEAVE_OUT));
            }
        }
        for (PodElement one : found) {
            expected.stream()
                    .filter(part -> part.path("name").asText().equals(one.text("name")))
                    .findFirst()
                    .ifPresentOrElse(
                            part -> compare(one, part),
                            () -> refusals.add(Refusal.found(
                                    one.pathOf("name"),
                                    one.text("name"),
                                    "none of that name under this policy" + LEAVE_OUT)));
        }
    }

    private void compare(PodElement found, ObjectNode expected) {
        JsonNode without = AdmissionAdditions.takenFrom((ObjectNode) found.json(), expected);
        TreeSet<String> fields = new TreeSet<>();
        for (Iterator<String> names = without.fieldNames(); names.hasNext(); ) {
            fields.add(names.next());
        }
        expected.fieldNames().forEachRemaining(fields::add);
        fields.stream()
                .filter(field -> !without.path(field).equals(expected.path(field)))
                .forEach(field -> refusals.add(
                        new Refusal(found.pathOf(field), "is not what is injected under this policy" + LEAVE_OUT)));
    }

    /** Before, the volumes are not there yet: a mount alone would get what we add. */
    private void mounts(PodElement container) {
        boolean trusts = parts.volumes().stream()
                .anyMatch(volume -> volume.path("name").asText().equals(OwnVolumes.TRUST));
        for (PodElement mount : container.list("volumeMounts")) {
            boolean ours = OwnVolumes.NAMES.contains(mount.text("name"));
            boolean there = trusts && mount.text("mountPath").equals(PodLayout.TRUST.toString());
            if ((ours || there) && !mount.json().equals(OwnVolumes.trustMount())) {
                refusals.add(Refusal.found(
                        mount.path(),
                        mount.text("name") + " at " + mount.text("mountPath"),
                        "none of the sidecar's volumes, and nothing else where the trust bundle is"));
            }
        }
    }
}
