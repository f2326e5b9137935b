package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.EgressPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What packet rules take from the other containers, because runtimes give it by default and it leads around the rules: raw packets, and ways to the sidecar's user id. */
final class Hardening {
    private final List<String> dropped;
    private final boolean noEscalation;

    Hardening(EgressPolicy policy) {
        List<String> names = new ArrayList<>(List.of(Capabilities.NET_RAW));
        if (Capturing.tellsByUid(policy)) {
            Capabilities.IDENTITY.stream()
                    .filter(name -> !policy.keepCapabilities().contains(name))
                    .sorted()
                    .forEach(names::add);
        }
        this.dropped = List.copyOf(names);
        this.noEscalation =
                Capturing.tellsByUid(policy) && !policy.keepCapabilities().contains(Capabilities.SETUID);
    }

    void applyTo(ObjectNode container) {
        ObjectNode context = Json.objectIn(container, "securityContext");
        if (noEscalation) {
            context.put("allowPrivilegeEscalation", false);
        }
        // As they are written: some runtimes take a name with CAP_ for one that they do not know, and drop nothing.
        Set<String> there = PodElement.of(context).at("capabilities").texts("drop").stream()
                .map(PodElement.Text::value)
                .collect(Collectors.toSet());
        if (there.contains(Capabilities.ALL)) {
            return;
        }
        List<String> missing =
                dropped.stream().filter(name -> !there.contains(name)).toList();
        if (!missing.isEmpty()) {
            ArrayNode drop = Json.listIn(Json.objectIn(context, "capabilities"), "drop");
            missing.forEach(drop::add);
        }
    }
}
