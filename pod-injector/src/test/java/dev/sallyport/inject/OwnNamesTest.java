package dev.sallyport.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.EgressPolicy;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our names in a Pod: it was here before, or it is refused. */
class OwnNamesTest {
    private static final EgressPolicy POLICY = Pods.policy();

    private static ObjectNode injected() {
        ObjectNode pod = Pods.withContainer("");
        return Pods.patched(pod, Pods.injector(POLICY).review(Pods.NAMESPACE, pod));
    }

    private static Injection again(ObjectNode pod) {
        return Pods.injector(Pods.UID + 1, POLICY).review(Pods.NAMESPACE, pod);
    }

    private static List<String> refusalsOf(ObjectNode pod) {
        return Pods.refusals(again(pod));
    }

    private static ObjectNode at(ObjectNode pod, String pointer) {
        return (ObjectNode) pod.at(pointer);
    }

    private static ArrayNode list(ObjectNode pod, String pointer) {
        return (ArrayNode) pod.at(pointer);
    }

    @Test
    @DisplayName("INJ-02 the user id of the first time stays")
    void keepsTheUserId() {
        assertThat(Pods.patch(again(injected()))).isEmpty();
    }

    @Test
    @DisplayName("INJ-02 each Pod has a user id of its own")
    void drawsAUserIdForEachPod() {
        PodInjector injector = new PodInjector(Pods.SETTINGS, id -> new KnownPolicy.InForce(POLICY, true));
        ObjectNode pod = Pods.withContainer("");
        List<Integer> uids = java.util.stream.Stream.generate(
                        () -> Pods.patched(pod, injector.review(Pods.NAMESPACE, pod)))
                .limit(20)
                .map(one -> one.at("/spec/initContainers/1/securityContext/runAsUser")
                        .asInt())
                .toList();
        assertThat(uids).doesNotHaveDuplicates().allMatch(SidecarUid::isOne);
    }

    @Test
    @DisplayName("INJ-02 what the API server's own admission adds between two calls is left alone")
    void admitsWhatAdmissionAdds() {
        ObjectNode pod = injected();
        for (JsonNode container : pod.at("/spec/initContainers")) {
            ((ObjectNode) container).put("imagePullPolicy", "Always");
            Json.objectIn(Json.objectIn((ObjectNode) container, "resources"), "limits")
                    .put("cpu", "1");
        }
        list(pod, "/spec/volumes")
                .addObject()
                .put("name", "kube-api-access-x2x7q")
                .putObject("projected");
        list(pod, "/spec/containers/0/volumeMounts")
                .addObject()
                .put("name", "kube-api-access-x2x7q")
                .put("mountPath", "/var/run/secrets/kubernetes.io/serviceaccount");
        ((ObjectNode) pod.get("spec")).put("priority", 0).put("serviceAccountName", "default");
        assertThat(Pods.patch(again(pod))).isEmpty();
    }

    @Test
    @DisplayName("INJ-02 containers that another webhook added get what they lack, and ours stay first")
    void completesWhatOthersAdded() {
        ObjectNode pod = injected();
        list(pod, "/spec/initContainers").insertObject(0).put("name", "theirs").put("image", "theirs:1");
        list(pod, "/spec/containers").addObject().put("name", "theirs-too").put("image", "theirs:1");
        ObjectNode patched = Pods.patched(pod, again(pod));
        assertThat(patched.at("/spec/initContainers"))
                .extracting(container -> container.path("name").asText())
                .containsExactly("sallyport-net", "sallyport", "theirs");
        assertThat(patched.at("/spec/initContainers/0")).isEqualTo(injected().at("/spec/initContainers/0"));
        assertThat(patched.at("/spec/initContainers/1")).isEqualTo(injected().at("/spec/initContainers/1"));
        assertThat(patched.at("/spec/containers/1/env")).isNotEmpty();
        assertThat(patched.at("/spec/initContainers/2/securityContext/capabilities/drop"))
                .isNotEmpty();
        assertThat(Pods.patch(again(patched))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "sallyport, image, evil:1",
        "sallyport, restartPolicy, Never",
        "sallyport, imagePullPolicy, Never",
        "sallyport, terminationMessagePath, /x",
        "sallyport-net, image, evil:1",
        "sallyport-net, workingDir, /x",
    })
    @DisplayName("INJ-10 a container that only looks like ours is refused, naming the field")
    void refusesForgedContainers(String name, String field, String value) {
        ObjectNode pod = injected();
        int place = name.equals("sallyport") ? 1 : 0;
        at(pod, "/spec/initContainers/" + place).put(field, value);
        assertThat(refusalsOf(pod))
                .containsExactly("spec.initContainers[" + place + "]." + field
                        + ": is not what is injected under this policy: leave out what is called so, and it is added");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "command",
                "args",
                "env",
                "securityContext",
                "startupProbe",
                "volumeMounts",
                "restartPolicy",
                "resources"
            })
    @DisplayName("INJ-10 nor may anything be missing of it")
    void refusesContainersWithLess(String field) {
        ObjectNode pod = injected();
        at(pod, "/spec/initContainers/1").remove(field);
        List<String> expected = field.equals("resources")
                ? List.of()
                : List.of("spec.initContainers[1]." + field
                        + ": is not what is injected under this policy: leave out what is called so, and it is added");
        // Without a user id the one that is expected is another, in the packet rules too.
        assertThat(refusalsOf(pod)).containsAll(expected);
        assertThat(refusalsOf(pod).isEmpty()).isEqualTo(field.equals("resources"));
    }

    @Test
    @DisplayName("INJ-10 packet rules for another user id than the sidecar's are refused")
    void refusesRulesForAnotherUser() {
        ObjectNode pod = injected();
        ArrayNode args = list(pod, "/spec/initContainers/0/args");
        args.set(0, args.get(0).asText().replace(String.valueOf(Pods.UID), "1000"));
        assertThat(refusalsOf(pod)).singleElement().asString().startsWith("spec.initContainers[0].args: ");
    }

    @Test
    @DisplayName("INJ-10 a claim in a container of ours is not what admission adds")
    void refusesClaimsInContainersOfOurs() {
        ObjectNode pod = injected();
        Json.listIn(at(pod, "/spec/initContainers/1/resources"), "claims")
                .addObject()
                .put("name", "nic");
        assertThat(refusalsOf(pod)).singleElement().asString().startsWith("spec.initContainers[1].resources: ");
    }

    private static void refuses(String start, Consumer<ObjectNode> change) {
        ObjectNode pod = injected();
        change.accept(pod);
        assertThat(refusalsOf(pod)).singleElement().asString().startsWith(start);
    }

    @Test
    @DisplayName("INJ-10 half of what is ours is refused")
    void refusesHalfOfIt() {
        refuses(
                "spec.initContainers: sallyport-net is missing beside others of the injector's",
                pod -> list(pod, "/spec/initContainers").remove(0));
        refuses(
                "spec.volumes: sallyport-token is missing beside others of the injector's",
                pod -> list(pod, "/spec/volumes").remove(1));
    }

    @Test
    @DisplayName("INJ-10 volumes that only look like ours are refused")
    void refusesForgedVolumes() {
        refuses(
                "spec.volumes[0].configMap: ",
                pod -> at(pod, "/spec/volumes/0/configMap").put("name", "own-roots"));
        refuses(
                "spec.volumes[1].projected: ",
                pod -> at(pod, "/spec/volumes/1/projected/sources/0/serviceAccountToken")
                        .put("expirationSeconds", 86_400));
        refuses(
                "spec.volumes[2].secret: ",
                pod -> at(pod, "/spec/volumes/2").putObject("secret").put("secretName", "x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sallyport", "sallyport-net"})
    @DisplayName("INJ-10 our names are taken, in every list")
    void refusesContainersOfOurNames(String name) {
        String container = "[{name: %s, image: x:1}]".formatted(name);
        assertThat(refusalsOf(Pods.pod("containers: " + container)))
                .containsExactly("spec.containers[0].name: found " + name
                        + ", expected another name: this one is the sidecar's or its packet rules'");
        assertThat(refusalsOf(Pods.pod("containers: [{name: app, image: x:1}]\ninitContainers: " + container)))
                .isNotEmpty()
                .allMatch(refusal ->
                        refusal.startsWith("spec.initContainers") || refusal.startsWith("spec.volumes: sallyport"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sallyport-trust", "sallyport-token", "sallyport-no-token"})
    @DisplayName("INJ-10 so are those of our volumes")
    void refusesVolumesOfOurNames(String name) {
        assertThat(refusalsOf(Pods.pod(
                        "volumes: [{name: %s, emptyDir: {}}]\ncontainers: [{name: app, image: x:1}]".formatted(name))))
                .containsExactly(
                        "spec.volumes[0].name: found " + name + ", expected another name: this one is the sidecar's");
    }

    @ParameterizedTest
    @CsvSource({
        "sallyport-token, /token",
        "sallyport-no-token, /x",
        "sallyport-trust, /x",
        "own, /etc/sallyport/trust",
    })
    @DisplayName("INJ-11 a mount of the sidecar's volumes is refused, also in a Pod that has not got them yet")
    void refusesMountsOfOurVolumes(String volume, String path) {
        ObjectNode fresh = Pods.withContainer("volumeMounts: [{name: %s, mountPath: %s}]".formatted(volume, path));
        String refusal = "spec.containers[0].volumeMounts[%d]: found " + volume + " at " + path
                + ", expected none of the sidecar's volumes, and nothing else where the trust bundle is";
        assertThat(refusalsOf(fresh)).containsExactly(refusal.formatted(0));
        ObjectNode pod = injected();
        list(pod, "/spec/containers/0/volumeMounts")
                .addObject()
                .put("name", volume)
                .put("mountPath", path);
        assertThat(refusalsOf(pod)).containsExactly(refusal.formatted(1));
    }

    @Test
    @DisplayName("INJ-14 a sidecar of a Pod whose policy has none is refused")
    void refusesASidecarThatThePolicyDoesNotWant() {
        assertThat(Pods.refusals(Pods.injector(Pods.policy("access: None")).review(Pods.NAMESPACE, injected())))
                .contains(
                        "spec.initContainers[1].name: found sallyport, expected none of that name under this policy: leave out what is called so, and it is added");
    }
}
