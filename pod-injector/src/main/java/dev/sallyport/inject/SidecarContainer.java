package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.bootstrap.Bootstrap;
import dev.sallyport.bootstrap.EnvoyArguments;
import dev.sallyport.bootstrap.PodLayout;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.bootstrap.SidecarSpec;
import dev.sallyport.bootstrap.SidecarSpec.ControlPlane;
import dev.sallyport.bootstrap.SidecarSpec.SecretFile;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.settings.ClusterSettings;
import java.util.List;

/**
 * The native sidecar {@code sallyport}: an init container that is ready before the next one starts, and ends after all others. Its bootstrap is an argument, so that there is no object for each Pod.
 */
final class SidecarContainer {
    /** Kubernetes puts the value of the container's variable there. Pods have no name yet when they are made by others. */
    private static final String POD_NAME = "$(POD_NAME)";

    /** Seconds until the kubelet starts a sidecar again that has no configuration: the control plane may be away for long, and the sidecar itself goes on asking. */
    private static final int PATIENCE = 600;

    static ObjectNode of(EgressPolicy policy, InjectorSettings settings, int uid) {
        ObjectNode container =
                OwnContainer.of(PodLayout.SIDECAR, settings.cluster().images().sidecar(), settings);
        container.put("restartPolicy", "Always");
        container.set("command", Json.strings(List.of("envoy")));
        container.set(
                "args",
                Json.strings(EnvoyArguments.of(bootstrap(policy, settings)).toList()));
        env(container);
        resources(container, settings.cluster().sidecarResources());
        OwnContainer.confined(container)
                .put("runAsGroup", uid)
                .put("runAsNonRoot", true)
                .put("runAsUser", uid);
        startupProbe(container);
        container.set(
                "volumeMounts",
                Json.list(List.of(OwnVolumes.trustMount(), OwnVolumes.tokenMount(), OwnVolumes.noTokenMount())));
        return container;
    }

    private static String bootstrap(EgressPolicy policy, InjectorSettings settings) {
        ClusterSettings.ControlPlane controlPlane = settings.cluster().controlPlane();
        return Bootstrap.yaml(new SidecarSpec(
                policy.id().namespace() + "/" + POD_NAME,
                settings.ports(Capturing.hasPacketRules(policy)),
                new ControlPlane(controlPlane.address(), controlPlane.port(), controlPlane.address()),
                new SecretFile(PodLayout.TRUST.resolve(PodLayout.XDS_CA_SDS), PodLayout.TRUST),
                new SecretFile(PodLayout.TRUST.resolve(PodLayout.XDS_TOKEN_SDS), PodLayout.TOKEN_DIRECTORY)));
    }

    private static void env(ObjectNode container) {
        container
                .putArray("env")
                .addObject()
                .put("name", "POD_NAME")
                .putObject("valueFrom")
                .putObject("fieldRef")
                .put("apiVersion", "v1")
                .put("fieldPath", "metadata.name");
    }

    private static void resources(ObjectNode container, ClusterSettings.Resources resources) {
        ObjectNode written = container.putObject("resources");
        if (!resources.limits().isEmpty()) {
            written.set("limits", Json.texts(resources.limits()));
        }
        if (!resources.requests().isEmpty()) {
            written.set("requests", Json.texts(resources.requests()));
        }
    }

    private static void startupProbe(ObjectNode container) {
        ObjectNode probe = container.putObject("startupProbe").put("failureThreshold", PATIENCE);
        probe.putObject("httpGet")
                .put("path", "/ready")
                .put("port", SidecarPorts.DEFAULT.ready())
                .put("scheme", "HTTP");
        probe.put("periodSeconds", 1).put("successThreshold", 1).put("timeoutSeconds", 1);
    }

    private SidecarContainer() {}
}
