package dev.sallyport.inject;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.policy.EgressPolicy;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a Pod may not have under its policy, and what becomes of it without one. */
class PolicyRulesTest {
    private static List<String> refusals(EgressPolicy policy, ObjectNode pod) {
        return Pods.refusals(Pods.injector(policy).review(Pods.NAMESPACE, pod));
    }

    private static List<String> refusals(PolicyLookup lookup, ObjectNode pod) {
        return Pods.refusals(new PodInjector(Pods.SETTINGS, lookup).review(Pods.NAMESPACE, pod));
    }

    @Test
    @DisplayName("INJ-04 a label that names no policy is refused; so is an empty one, without a look for it")
    void refusesUnknownPolicies() {
        ObjectNode pod = Pods.withContainer("");
        assertThat(refusals(id -> new KnownPolicy.Absent(), pod))
                .containsExactly(
                        "metadata.labels[\"sallyport.dev/policy\"]: found coder, expected the name of an EgressPolicy in namespace agents");
        ((ObjectNode) pod.at("/metadata/labels")).put("sallyport.dev/policy", "");
        assertThat(refusals(Pods.policy(), pod))
                .containsExactly(
                        "metadata.labels[\"sallyport.dev/policy\"]: found \"\", expected the name of an EgressPolicy in namespace agents");
    }

    @Test
    @DisplayName("INJ-04 a policy that does not compile is refused with its problems, and the Pod's own besides")
    void refusesPoliciesThatAreNotInForce() {
        PolicyLookup broken = id -> new KnownPolicy.NotInForce(List.of("spec.hosts[0].port: unknown field"));
        ObjectNode pod = Pods.pod("hostNetwork: true\ncontainers: [{name: app, image: app:1}]");
        assertThat(refusals(broken, pod))
                .containsExactly(
                        "metadata.labels[\"sallyport.dev/policy\"]: EgressPolicy agents/coder is not in force, expected one that is: spec.hosts[0].port: unknown field",
                        "spec.hostNetwork: found true, expected false or nothing: the Pod would be in the network of the node, where no rule of its own holds");
    }

    @Test
    @DisplayName("the policy is looked up in the namespace of the request, whatever the Pod says")
    void looksUpInTheNamespaceOfTheRequest() {
        Injection injection = Pods.injector(Pods.policy()).review("elsewhere", Pods.withContainer(""));
        assertThat(Pods.refusals(injection))
                .containsExactly(
                        "metadata.labels[\"sallyport.dev/policy\"]: found coder, expected the name of an EgressPolicy in namespace elsewhere");
    }

    @Test
    @DisplayName("INJ-05 a service account that the policy does not list is refused, naming both")
    void refusesOtherServiceAccounts() {
        EgressPolicy policy = Pods.policy("serviceAccounts: [coder, robot]");
        assertThat(refusals(policy, Pods.withContainer("")))
                .containsExactly(
                        "spec.serviceAccountName: found default, expected one of coder, robot: EgressPolicy agents/coder is for these alone (spec.serviceAccounts)");
        assertThat(refusals(policy, Pods.pod("serviceAccountName: robot\ncontainers: [{name: app, image: app:1}]")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"None", "Unrestricted"})
    @DisplayName("INJ-14 without a sidecar the NetworkPolicy comes first")
    void refusesPodsBeforeTheirNetworkPolicy(String access) {
        EgressPolicy policy = Pods.policy("access: " + access);
        ObjectNode pod = Pods.withContainer("");
        assertThat(refusals(id -> new KnownPolicy.InForce(policy, false), pod))
                .containsExactly(
                        "metadata.labels[\"sallyport.dev/policy\"]: EgressPolicy agents/coder has access "
                                + access
                                + ", and its NetworkPolicy sallyport-coder does not exist yet, expected it first: try again, and look at the policy's status");
        assertThat(refusals(id -> new KnownPolicy.InForce(policy, true), pod)).isEmpty();
    }

    @Test
    @DisplayName("a sidecar does not wait for the NetworkPolicy")
    void admitsSidecarsBeforeTheirNetworkPolicy() {
        assertThat(refusals(id -> new KnownPolicy.InForce(Pods.policy(), false), Pods.withContainer("")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SETUID", "CAP_SETGID"})
    @DisplayName("INJ-08 SETUID and SETGID need keepCapabilities")
    void refusesWaysToTheSidecarsUserId(String capability) {
        ObjectNode pod = Pods.withContainer("securityContext: {capabilities: {add: [%s]}}".formatted(capability));
        assertThat(refusals(Pods.policy(), pod))
                .containsExactly(
                        "spec.containers[0].securityContext.capabilities.add[0]: found " + capability
                                + ", expected it in spec.keepCapabilities of EgressPolicy agents/coder: with it a container can take the sidecar's user id");
        assertThat(refusals(Pods.policy("keepCapabilities: [SETGID, SETUID]"), pod))
                .isEmpty();
        assertThat(refusals(Pods.policy("capture: Proxy"), pod)).isEmpty();
        assertThat(refusals(Pods.policy("access: None"), pod)).isEmpty();
    }

    @Test
    @DisplayName(
            "INJ-08 allowPrivilegeEscalation needs SETUID in keepCapabilities: a set-user-ID file asks for no more")
    void refusesPrivilegeEscalation() {
        ObjectNode pod = Pods.withContainer("securityContext: {allowPrivilegeEscalation: true}");
        String refusal =
                "spec.containers[0].securityContext.allowPrivilegeEscalation: found true, expected false or nothing, or SETUID in spec.keepCapabilities of EgressPolicy agents/coder: a set-user-ID file can take the sidecar's user id";
        assertThat(refusals(Pods.policy(), pod)).containsExactly(refusal);
        assertThat(refusals(Pods.policy("keepCapabilities: [SETGID]"), pod)).containsExactly(refusal);
        assertThat(refusals(Pods.policy("keepCapabilities: [SETUID]"), pod)).isEmpty();
        assertThat(refusals(Pods.policy("capture: Proxy"), pod)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {15001, 15006, 15021})
    @DisplayName("INJ-10 ports of the sidecar are refused where there is one")
    void refusesPortsOfTheSidecar(int port) {
        ObjectNode pod = Pods.withContainer("ports: [{containerPort: 80}, {containerPort: %d}]".formatted(port));
        assertThat(refusals(Pods.policy(), pod))
                .containsExactly("spec.containers[0].ports[1].containerPort: found " + port
                        + ", expected a port that is not the sidecar's ([15001, 15006, 15021])");
        assertThat(refusals(Pods.policy("access: None"), pod)).isEmpty();
    }

    @Test
    void refusesUserNamespacesWhereThereIsASidecar() {
        ObjectNode pod = Pods.pod("hostUsers: false\ncontainers: [{name: app, image: app:1}]");
        assertThat(refusals(Pods.policy(), pod))
                .containsExactly(
                        "spec.hostUsers: found false, expected true or nothing: the sidecar's user id is beyond those of a user namespace");
        assertThat(refusals(Pods.policy("access: None"), pod)).isEmpty();
    }

    @Test
    @DisplayName("a Pod does not choose whom its sidecar believes about names")
    void refusesOwnAnswersToNames() {
        ObjectNode pod = Pods.pod("""
                dnsPolicy: None
                dnsConfig: {nameservers: [10.0.0.10, 203.0.113.1], searches: [evil.example]}
                hostAliases: [{ip: 127.0.0.1, hostnames: [db]}, {ip: 203.0.113.1, hostnames: [files.example.com]}]
                containers: [{name: app, image: app:1}]
                """);
        assertThat(refusals(Pods.policy(), pod))
                .containsExactly(
                        "spec.dnsConfig.nameservers[1]: found 203.0.113.1, expected a resolver of the cluster (10.0.0.10, fd00:0:0:0:0:0:0:a): the sidecar would believe it",
                        "spec.dnsConfig.searches[0]: found evil.example, expected none: the sidecar would look for allowed names below it",
                        "spec.hostAliases[1].ip: found 203.0.113.1, expected an address of loopback: the sidecar would believe it. EgressPolicy has resolveTo for fixed addresses");
        assertThat(refusals(Pods.policy("access: Unrestricted"), pod)).isEmpty();
    }
}
