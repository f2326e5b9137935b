package dev.sallyport.inject;

import java.util.List;
import java.util.stream.Stream;

/** All rules, in the order in which their refusals are told. */
final class Rules {
    private final List<PodRule> always = List.of(
            new StaticPods(),
            new ContainerCount(),
            new HostNamespaces(),
            new PrivilegedContainers(),
            new AddedCapabilities(),
            new UidRange(),
            new ProcMounts(),
            new VolumeTypes(),
            new BlockDevices(),
            new ResourceClaims(),
            new SidecarTokens(),
            new EphemeralContainers());
    private final List<PolicyRule> byPolicy;

    Rules(InjectorSettings settings) {
        this.byPolicy = List.of(
                new NetworkPolicyFirst(),
                new ServiceAccounts(),
                new UserNamespaces(),
                new IdentityCapabilities(),
                new PrivilegeEscalation(),
                new SidecarPortNumbers(),
                new NameResolution(settings));
    }

    /** Of the Pod alone. */
    Stream<Refusal> refusals(WorkloadPod pod) {
        return always.stream().flatMap(rule -> rule.refusals(pod));
    }

    /** Of the Pod under its policy. */
    Stream<Refusal> refusals(WorkloadPod pod, KnownPolicy.InForce known) {
        return byPolicy.stream().flatMap(rule -> rule.refusals(pod, known));
    }
}
