package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.EgressPolicy;
import java.util.ArrayList;
import java.util.List;

/**
 * The containers and volumes that a Pod gets. The same for the same policy, settings and user id: a Pod that has them already is known by that.
 *
 * @param containers the first init containers, in order
 * @param volumes in order
 */
record OwnParts(List<ObjectNode> containers, List<ObjectNode> volumes) {
    OwnParts {
        containers = List.copyOf(containers);
        volumes = List.copyOf(volumes);
    }

    static OwnParts of(EgressPolicy policy, InjectorSettings settings, int uid) {
        List<ObjectNode> containers = new ArrayList<>();
        List<ObjectNode> volumes = new ArrayList<>();
        if (Capturing.hasPacketRules(policy)) {
            containers.add(NetContainer.of(policy, settings, uid));
        }
        if (Capturing.hasSidecar(policy)) {
            containers.add(SidecarContainer.of(policy, settings, uid));
            volumes.add(OwnVolumes.trust(policy.id().name()));
            volumes.add(OwnVolumes.token());
        }
        if (!containers.isEmpty()) {
            volumes.add(OwnVolumes.noToken());
        }
        return new OwnParts(containers, volumes);
    }

    static boolean isOwnVolume(PodElement volume) {
        return OwnVolumes.NAMES.contains(volume.text("name"));
    }
}
