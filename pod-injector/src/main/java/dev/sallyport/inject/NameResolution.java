package dev.sallyport.inject;

import java.net.InetAddress;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The sidecar asks whom its Pod asks: a Pod that names its own resolvers or addresses would lead an allowed name to a server of its choice, which for hosts that are passed through nobody else checks.
 */
final class NameResolution implements PolicyRule {
    private final Set<String> resolvers;

    NameResolution(InjectorSettings settings) {
        this.resolvers =
                settings.resolvers().stream().map(InetAddress::getHostAddress).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Stream<Refusal> refusals(WorkloadPod pod, KnownPolicy.InForce known) {
        return Capturing.hasSidecar(known.policy())
                ? Stream.of(resolvers(pod.spec()), searches(pod.spec()), aliases(pod.spec()))
                        .flatMap(refusals -> refusals)
                : Stream.empty();
    }

    private Stream<Refusal> resolvers(PodElement spec) {
        return spec.at("dnsConfig").texts("nameservers").stream()
                .filter(address -> !resolvers.contains(address.value()))
                .map(address -> Refusal.found(
                        address.path(),
                        address.value(),
                        "a resolver of the cluster (" + String.join(", ", sorted())
                                + "): the sidecar would believe it"));
    }

    private Iterable<String> sorted() {
        return resolvers.stream().sorted().toList();
    }

    private static Stream<Refusal> searches(PodElement spec) {
        return spec.at("dnsConfig").texts("searches").stream()
                .map(domain -> Refusal.found(
                        domain.path(), domain.value(), "none: the sidecar would look for allowed names below it"));
    }

    private static Stream<Refusal> aliases(PodElement spec) {
        return spec.list("hostAliases").stream()
                .filter(alias -> !isLoopback(alias.text("ip")))
                .map(
                        alias -> Refusal.found(
                                alias.pathOf("ip"),
                                alias.text("ip"),
                                "an address of loopback: the sidecar would believe it. EgressPolicy has resolveTo for fixed addresses"));
    }

    private static boolean isLoopback(String ip) {
        return ip.startsWith("127.") || ip.equals("::1");
    }
}
