package dev.sallyport.inject;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.bootstrap.AppEnvironment;
import dev.sallyport.bootstrap.PodLayout;
import dev.sallyport.policy.EgressPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A Pod as it is to be, made from what came. Made again from itself it stays as it is. */
final class InjectedPod {
    private final EgressPolicy policy;
    private final InjectorSettings settings;
    private final ObjectNode pod;
    private final List<String> warnings = new ArrayList<>();

    private InjectedPod(EgressPolicy policy, InjectorSettings settings, ObjectNode pod) {
        this.policy = policy;
        this.settings = settings;
        this.pod = pod;
    }

    /** What the Pod becomes, and what its author should know. */
    record Made(ObjectNode pod, List<String> warnings) {}

    /** Leaves {@code pod} as it is. No rule refused it. */
    static Made of(ObjectNode pod, EgressPolicy policy, InjectorSettings settings, OwnParts parts) {
        InjectedPod injected = new InjectedPod(policy, settings, pod.deepCopy());
        injected.annotate();
        injected.addContainers(parts);
        injected.addVolumes(parts);
        injected.addPullSecrets(parts);
        for (String list : List.of("initContainers", "containers")) {
            PodElement.of(injected.pod).at("spec").list(list).stream()
                    .filter(container -> !WorkloadPod.isOwn(container))
                    .forEach(injected::change);
        }
        return new Made(injected.pod, List.copyOf(injected.warnings));
    }

    private void annotate() {
        ObjectNode annotations = Json.objectIn(Json.objectIn(pod, "metadata"), "annotations");
        annotations.put(InjectionRevision.ANNOTATION, InjectionRevision.of(policy, settings));
        annotations.put(InjectionRevision.VERSION_ANNOTATION, settings.version());
    }

    /** Before all others, also before those that somebody put first since: what is there of ours stays, with what admission added to it. */
    private void addContainers(OwnParts parts) {
        if (parts.containers().isEmpty()) {
            return;
        }
        List<PodElement> before = PodElement.of(pod).at("spec").list("initContainers");
        List<JsonNode> after = new ArrayList<>();
        for (ObjectNode part : parts.containers()) {
            String name = part.path("name").asText();
            after.add(before.stream()
                    .filter(one -> one.text("name").equals(name))
                    .map(PodElement::json)
                    .findFirst()
                    .orElse(part));
        }
        before.stream()
                .filter(one -> !WorkloadPod.isOwn(one))
                .map(PodElement::json)
                .forEach(after::add);
        spec().set("initContainers", Json.list(after));
    }

    private void addVolumes(OwnParts parts) {
        Set<String> there = names("volumes");
        parts.volumes().stream()
                .filter(volume -> !there.contains(volume.path("name").asText()))
                .forEach(volume -> Json.listIn(spec(), "volumes").add(volume));
    }

    private void addPullSecrets(OwnParts parts) {
        Set<String> there = names("imagePullSecrets");
        settings.cluster().images().pullSecrets().stream()
                .filter(name -> !parts.containers().isEmpty() && !there.contains(name))
                .forEach(name ->
                        Json.listIn(spec(), "imagePullSecrets").addObject().put("name", name));
    }

    private Set<String> names(String list) {
        Set<String> names = new TreeSet<>();
        PodElement.of(pod).at("spec").list(list).forEach(element -> names.add(element.text("name")));
        return names;
    }

    private void change(PodElement container) {
        ObjectNode json = (ObjectNode) container.json();
        if (Capturing.hasSidecar(policy)) {
            trust(container, json);
        }
        if (Capturing.hasPacketRules(policy)) {
            new Hardening(policy).applyTo(json);
        }
    }

    private void trust(PodElement container, ObjectNode json) {
        if (container.list("volumeMounts").stream().noneMatch(InjectedPod::isTrustMount)) {
            ArrayNode mounts = Json.listIn(json, "volumeMounts");
            mounts.add(OwnVolumes.trustMount());
        }
        List<String> kept = new ContainerEnvironment(new AppEnvironment(
                        PodLayout.TRUST.toString(),
                        settings.ports(true).proxy(),
                        settings.cluster().direct()))
                .addTo(json);
        if (!kept.isEmpty()) {
            warnings.add(container.pathOf("env") + ": kept as it is: " + String.join(", ", kept)
                    + "; requests fail where that leads past the sidecar or does not trust " + PodLayout.TRUST
                    + "/ca.pem");
        }
    }

    private static boolean isTrustMount(PodElement mount) {
        return mount.text("name").equals(OwnVolumes.TRUST);
    }

    private ObjectNode spec() {
        return Json.objectIn(pod, "spec");
    }
}
