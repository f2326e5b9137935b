package dev.sallyport.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no Pod of a workload may have. Each of these Pods is admitted without the one field. */
class PodRulesTest {
    enum Policy {
        RESTRICTED("access: Restricted"),
        BY_PROXY("capture: Proxy"),
        NONE("access: None"),
        UNRESTRICTED("access: Unrestricted");

        private final String field;

        Policy(String field) {
            this.field = field;
        }

        PodInjector injector() {
            return Pods.injector(Pods.policy(field));
        }
    }

    private static List<String> refusals(ObjectNode pod) {
        return Pods.refusals(Pods.injector(Pods.policy()).review(Pods.NAMESPACE, pod));
    }

    @ParameterizedTest
    @EnumSource(Policy.class)
    @DisplayName("positive control: a Pod without any of these is admitted")
    void admitsAPlainPod(Policy policy) {
        ObjectNode pod = Pods.withContainer("""
                ports: [{containerPort: 8080}]
                securityContext: {runAsUser: 1000, procMount: Default, privileged: false, capabilities: {add: [CAP_CHOWN]}}
                """);
        assertThat(Pods.refusals(policy.injector().review(Pods.NAMESPACE, pod))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Policy.class)
    @DisplayName("INJ-06 host namespaces are refused under every access, all at once")
    void refusesHostNamespaces(Policy policy) {
        ObjectNode pod = Pods.pod("""
                hostNetwork: true
                hostPID: true
                hostIPC: true
                shareProcessNamespace: true
                containers: [{name: app, image: app:1}]
                """);
        assertThat(Pods.refusals(policy.injector().review(Pods.NAMESPACE, pod)))
                .containsExactly(
                        "spec.hostIPC: found true, expected false or nothing: the Pod would share memory with processes of the node",
                        "spec.hostNetwork: found true, expected false or nothing: the Pod would be in the network of the node, where no rule of its own holds",
                        "spec.hostPID: found true, expected false or nothing: the Pod would see the processes of the node",
                        "spec.shareProcessNamespace: found true, expected false or nothing: a container could look into the sidecar, which holds the credentials");
    }

    @Test
    @DisplayName("INJ-07 privileged containers are refused, init containers and native sidecars too")
    void refusesPrivilegedContainers() {
        ObjectNode pod = Pods.pod("""
                initContainers:
                - {name: a, image: a:1, securityContext: {privileged: false}}
                - {name: b, image: b:1, restartPolicy: Always, securityContext: {privileged: true}}
                containers:
                - {name: c, image: c:1, securityContext: {privileged: true}}
                """);
        assertThat(refusals(pod))
                .containsExactly(
                        "spec.initContainers[1].securityContext.privileged: found true, expected false or nothing: a privileged container can take down the packet rules",
                        "spec.containers[0].securityContext.privileged: found true, expected false or nothing: a privileged container can take down the packet rules");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NET_ADMIN",
                "NET_RAW",
                "SYS_PTRACE",
                "SYS_ADMIN",
                "BPF",
                "DAC_READ_SEARCH",
                "ALL",
                "CAP_NET_ADMIN",
                "cap_net_raw",
                "all",
                "UNKNOWN"
            })
    @DisplayName("INJ-08 capabilities beyond the baseline are refused")
    void refusesCapabilities(String capability) {
        ObjectNode pod =
                Pods.withContainer("securityContext: {capabilities: {add: [CHOWN, %s]}}".formatted(capability));
        assertThat(refusals(pod))
                .singleElement()
                .asString()
                .startsWith("spec.containers[0].securityContext.capabilities.add[1]: found " + capability
                        + ", expected one of the Pod Security baseline");
    }

    @ParameterizedTest
    @ValueSource(ints = {2_000_000_000, 2_012_345_678, 2_099_999_999})
    @DisplayName("INJ-09 user ids of sidecars are refused, in a container and for the Pod")
    void refusesUserIdsOfSidecars(int uid) {
        String message = ".securityContext.runAsUser: found " + uid
                + ", expected a user id outside of 2000000000..2099999999, which are those of sidecars";
        assertThat(refusals(Pods.withContainer("securityContext: {runAsUser: %d}".formatted(uid))))
                .containsExactly("spec.containers[0]" + message);
        assertThat(refusals(Pods.pod("""
                        securityContext: {runAsUser: %d}
                        containers: [{name: app, image: app:1}]
                        """.formatted(uid)))).containsExactly("spec" + message);
    }

    @Test
    @DisplayName("INJ-09 user ids beside those of sidecars are not")
    void admitsOtherUserIds() {
        assertThat(refusals(Pods.withContainer("securityContext: {runAsUser: 1999999999}")))
                .isEmpty();
        assertThat(refusals(Pods.withContainer("securityContext: {runAsUser: 2100000000}")))
                .isEmpty();
    }

    @Test
    void refusesAnUnmaskedProc() {
        assertThat(refusals(Pods.withContainer("securityContext: {procMount: Unmasked}")))
                .containsExactly(
                        "spec.containers[0].securityContext.procMount: found Unmasked, expected Default or nothing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"hostPath: {path: /}", "nfs: {server: s, path: /}", "gitRepo: {repository: r}", "later: {}"})
    void refusesVolumesThatTheNodeOpens(String type) {
        ObjectNode pod = Pods.pod("""
                volumes: [{name: a, emptyDir: {}}, {name: b, %s}]
                containers: [{name: app, image: app:1}]
                """.formatted(type));
        String name = type.substring(0, type.indexOf(':'));
        assertThat(refusals(pod))
                .singleElement()
                .asString()
                .startsWith(
                        "spec.volumes[1]." + name + ": found a volume of type " + name
                                + ", expected one of configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret");
    }

    @Test
    void refusesBlockDevices() {
        assertThat(refusals(Pods.withContainer("volumeDevices: [{name: disk, devicePath: /dev/xvda}]")))
                .containsExactly(
                        "spec.containers[0].volumeDevices[0]: found device /dev/xvda, expected none: mount the volume instead");
    }

    @Test
    void refusesResourceClaims() {
        ObjectNode pod = Pods.pod("""
                resourceClaims: [{name: nic, resourceClaimName: nic}]
                containers: [{name: app, image: app:1, resources: {claims: [{name: nic}]}}]
                """);
        assertThat(refusals(pod))
                .containsExactly(
                        "spec.resourceClaims[0]: found claim nic, expected none: a driver could add a network that the packet rules do not see",
                        "spec.containers[0].resources.claims[0]: found claim nic, expected none: a driver could add a network that the packet rules do not see");
    }

    @ParameterizedTest
    @EnumSource(Policy.class)
    @DisplayName("INJ-11 a token for the control plane is refused under every access")
    void refusesTokensForTheControlPlane(Policy policy) {
        ObjectNode pod = Pods.pod("""
                volumes:
                - name: tokens
                  projected:
                    sources:
                    - serviceAccountToken: {audience: vault, path: a}
                    - serviceAccountToken: {audience: sallyport, path: b}
                containers: [{name: app, image: app:1}]
                """);
        assertThat(Pods.refusals(policy.injector().review(Pods.NAMESPACE, pod)))
                .containsExactly(
                        "spec.volumes[0].projected.sources[1].serviceAccountToken.audience: found sallyport, expected any other: a token of this audience opens the workload's credentials");
    }

    @Test
    void refusesEphemeralContainers() {
        ObjectNode pod = Pods.pod("""
                containers: [{name: app, image: app:1}]
                ephemeralContainers: [{name: debug, image: debug:1}]
                """);
        assertThat(refusals(pod)).containsExactly("spec.ephemeralContainers[0]: found container debug, expected none");
    }

    @Test
    void refusesTheMirrorsOfStaticPods() {
        ObjectNode pod = Pods.withContainer("");
        Json.objectIn(Json.objectIn(pod, "metadata"), "annotations").put("kubernetes.io/config.mirror", "hash");
        assertThat(refusals(pod))
                .containsExactly(
                        "metadata.annotations[\"kubernetes.io/config.mirror\"]: found the mirror of a static Pod, expected none: no sidecar can be put into it");
    }

    @Test
    void refusesThousandsOfContainers() {
        ObjectNode pod = Pods.pod("containers:" + "\n- {name: app, image: app:1}".repeat(10_000));
        assertThat(refusals(pod))
                .containsExactly("spec.containers: found 10000 containers of all kinds, expected at most 100");
    }

    @Test
    @DisplayName("all refusals of a Pod are told at once, in the order of the rules")
    void tellsAllRefusalsAtOnce() {
        ObjectNode pod = Pods.pod("""
                hostNetwork: true
                serviceAccountName: other
                volumes: [{name: root, hostPath: {path: /}}]
                containers:
                - name: app
                  image: app:1
                  ports: [{containerPort: 15001}]
                  securityContext: {privileged: true, runAsUser: 2000000001, capabilities: {add: [NET_ADMIN, SETUID]}}
                """);
        assertThat(Pods.refusals(
                        Pods.injector(Pods.policy("serviceAccounts: [coder]")).review(Pods.NAMESPACE, pod)))
                .extracting(refusal -> refusal.substring(0, refusal.indexOf(": ")))
                .containsExactly(
                        "spec.serviceAccountName",
                        "spec.containers[0].securityContext.capabilities.add[1]",
                        "spec.containers[0].ports[0].containerPort",
                        "spec.hostNetwork",
                        "spec.containers[0].securityContext.privileged",
                        "spec.containers[0].securityContext.capabilities.add[0]",
                        "spec.containers[0].securityContext.runAsUser",
                        "spec.volumes[0].hostPath");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hostNetwork: \"true\"",
                "hostPID: 1",
                "containers: {}",
                "containers: [app]",
                "volumes: [{projected: []}]",
                "securityContext: {runAsUser: 1.5}",
                "securityContext: {runAsUser: \"2000000000\"}",
                "securityContext: []"
            })
    @DisplayName("a field of another type is refused, not taken for absent")
    void refusesFieldsOfOtherTypes(String field) {
        assertThat(refusals(Pods.pod(field))).singleElement().asString().matches("spec\\.\\S+: found .+, expected .+");
    }

    @Test
    @DisplayName("a found value is shortened")
    void shortensWhatWasFound() {
        String name = "N".repeat(5_000);
        assertThat(refusals(Pods.withContainer("securityContext: {capabilities: {add: [%s]}}".formatted(name))))
                .singleElement()
                .asString()
                .hasSizeLessThan(300)
                .contains("found NNN");
    }
}
