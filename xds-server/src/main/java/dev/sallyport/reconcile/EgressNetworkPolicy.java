package dev.sallyport.reconcile;

import dev.sallyport.policy.Access;
import dev.sallyport.policy.Action;
import dev.sallyport.policy.EgressPolicy;
import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.PinnedAddress;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.settings.ClusterSettings;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlockBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The second line behind the sidecar: which way packets of a workload's Pods may take at all, enforced by the cluster's network. It knows addresses and ports, not hosts. It has no owner: a foreground deletion would take it away
 * before its policy, and a Pod that is still running would find its egress opened.
 */
final class EgressNetworkPolicy {
    private static final int DNS_PORT = 53;
    private static final String NAMESPACE_NAME = "kubernetes.io/metadata.name";

    /** No workload reaches the metadata services of clouds, wherever they answer: link-local addresses, and some outside of these (Alibaba Cloud, Azure, AWS). */
    private static final List<String> NEVER_IPV4 = List.of("100.100.100.200/32", "168.63.129.16/32", "169.254.0.0/16");

    private static final List<String> NEVER_IPV6 = List.of("fd00:ec2::254/128", "fe80::/10");

    private final ClusterSettings settings;

    EgressNetworkPolicy(ClusterSettings settings) {
        this.settings = settings;
    }

    /** For a policy that is in force. */
    NetworkPolicy of(EgressPolicy policy) {
        return switch (policy.access()) {
            case None -> networkPolicy(policy.id(), List.of());
            case Unrestricted -> networkPolicy(policy.id(), List.of(rule(anywhere(), List.of())));
            case Restricted -> networkPolicy(policy.id(), sidecar(ports(policy)));
        };
    }

    /** For a workload whose policy is not in force, or gone: its sidecars stay in touch and learn that everything is denied, and nothing else gets out. Where there never was a sidecar nothing gets out at all. */
    NetworkPolicy closed(PolicyId workload, Access startedUnder) {
        return networkPolicy(workload, startedUnder == Access.Restricted ? sidecar(new TreeSet<>()) : List.of());
    }

    private List<NetworkPolicyEgressRule> sidecar(NavigableSet<Integer> ports) {
        List<NetworkPolicyEgressRule> rules = new ArrayList<>();
        rules.add(rule(resolvers(), List.of(port("UDP", DNS_PORT), port("TCP", DNS_PORT))));
        if (!ports.isEmpty()) {
            rules.add(rule(
                    anywhere(), ports.stream().map(port -> port("TCP", port)).toList()));
        }
        ClusterSettings.ControlPlane controlPlane = settings.controlPlane();
        rules.add(rule(List.of(pods(controlPlane.pods())), List.of(port("TCP", controlPlane.port()))));
        return rules;
    }

    /** Every port that a connection of the sidecar may have: those of hosts, and those that hosts are pinned to. */
    private static NavigableSet<Integer> ports(EgressPolicy policy) {
        NavigableSet<Integer> ports = new TreeSet<>();
        policy.hosts().stream()
                .filter(host -> host.action() == Action.Allow)
                .flatMapToInt(EgressNetworkPolicy::ports)
                .forEach(ports::add);
        return ports;
    }

    private static IntStream ports(HostEntry host) {
        IntStream pinned = host.resolveTo().stream()
                .map(PinnedAddress::port)
                .flatMapToInt(port -> port.isPresent() ? IntStream.of(port.getAsInt()) : IntStream.empty());
        return IntStream.concat(host.ports().stream().mapToInt(Integer::intValue), pinned);
    }

    private List<NetworkPolicyPeer> resolvers() {
        Stream<NetworkPolicyPeer> addresses = settings.resolvers().stream()
                .map(address -> block(address + (address.contains(":") ? "/128" : "/32"), List.of()));
        return Stream.concat(Stream.of(pods(settings.dns())), addresses).toList();
    }

    private static List<NetworkPolicyPeer> anywhere() {
        return List.of(block("0.0.0.0/0", NEVER_IPV4), block("::/0", NEVER_IPV6));
    }

    private static NetworkPolicyPeer block(String cidr, List<String> except) {
        return new NetworkPolicyPeerBuilder()
                .withIpBlock(
                        new IPBlockBuilder().withCidr(cidr).withExcept(except).build())
                .build();
    }

    private static NetworkPolicyPeer pods(ClusterSettings.PodGroup pods) {
        return new NetworkPolicyPeerBuilder()
                .withNewNamespaceSelector()
                .withMatchLabels(Map.of(NAMESPACE_NAME, pods.namespace()))
                .endNamespaceSelector()
                .withNewPodSelector()
                .withMatchLabels(pods.labels())
                .endPodSelector()
                .build();
    }

    private static NetworkPolicyPort port(String protocol, int number) {
        return new NetworkPolicyPortBuilder()
                .withProtocol(protocol)
                .withPort(new IntOrString(number))
                .build();
    }

    private static NetworkPolicyEgressRule rule(Collection<NetworkPolicyPeer> to, List<NetworkPolicyPort> ports) {
        return new NetworkPolicyEgressRuleBuilder()
                .addAllToTo(to)
                .withPorts(ports)
                .build();
    }

    private static NetworkPolicy networkPolicy(PolicyId workload, List<NetworkPolicyEgressRule> egress) {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace(workload.namespace())
                .withName(ObjectNames.networkPolicy(workload))
                .withLabels(ObjectNames.labels(workload))
                .endMetadata()
                .withNewSpec()
                .withNewPodSelector()
                .withMatchLabels(ObjectNames.podLabels(workload))
                .endPodSelector()
                .withPolicyTypes("Egress")
                .withEgress(egress)
                .endSpec()
                .build();
    }
}
