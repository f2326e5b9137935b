package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What our containers have in common. Written as the API server gives them back, with every default. */
final class OwnContainer {
    static ObjectNode of(String name, String image, InjectorSettings settings) {
        return Json.object()
                .put("name", name)
                .put("image", image)
                .put("imagePullPolicy", settings.cluster().images().pullPolicy().name())
                .put("terminationMessagePath", "/dev/termination-log")
                .put("terminationMessagePolicy", "File");
    }

    /** Its security context, with all rights taken. Whatever the Pod says for all its containers is said anew, or it would hold here. */
    static ObjectNode confined(ObjectNode container) {
        ObjectNode context = container.putObject("securityContext").put("allowPrivilegeEscalation", false);
        context.putObject("capabilities").set("drop", Json.strings(List.of(Capabilities.ALL)));
        context.put("privileged", false).put("readOnlyRootFilesystem", true);
        context.putObject("seccompProfile").put("type", "RuntimeDefault");
        return context;
    }

    private OwnContainer() {}
}
