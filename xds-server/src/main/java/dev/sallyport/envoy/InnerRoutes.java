package dev.sallyport.envoy;

import static dev.sallyport.envoy.Routes.requests;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.Reason;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The routes inside TLS on one port, shared by all chains of that port: routes per chain, each with the names of the others, would grow with the square of the hosts. A virtual host forwards only what came
 * through its own chain.
 */
final class InnerRoutes {
    static RouteConfiguration of(WorkloadModel model, int port) {
        return Routes.configuration(ResourceNames.tls(port))
                .addAllVirtualHosts(Stream.of(
                                intercepted(model, port),
                                leaving(model, port),
                                named(
                                        "others",
                                        passedThrough(model, port),
                                        port,
                                        Stream.of(InnerVirtualHost.mismatch(requests()))),
                                refused(model, port, Reason.HOST_DENIED),
                                refused(model, port, Reason.PORT_NOT_ALLOWED),
                                Stream.of(rest(model, port)))
                        .flatMap(Function.identity())
                        .map(VirtualHost.Builder::build)
                        .toList())
                .build();
    }

    /** Whether the host has a CA of its own and none of it can be used. */
    static boolean isUntrusted(WorkloadModel model, HostEntry entry) {
        return entry.trustedCa().isPresent()
                && !model.trustedCas().containsKey(entry.host().text());
    }

    private static Stream<VirtualHost.Builder> intercepted(WorkloadModel model, int port) {
        return new Entries(model)
                .interceptedOn(port)
                .map(entry -> InnerVirtualHost.of(entry.host().text(), port, answers(model, entry, port)));
    }

    private static Stream<Route.Builder> answers(WorkloadModel model, HostEntry entry, int port) {
        if (model.unavailable().contains(entry.host().text())) {
            return InnerVirtualHost.refused(
                    entry,
                    500,
                    Reason.CREDENTIAL_UNAVAILABLE,
                    "the Secret with the credential of this host is missing or cannot be used");
        }
        if (isUntrusted(model, entry)) {
            return InnerVirtualHost.refused(
                    entry,
                    503,
                    Reason.UPSTREAM_UNTRUSTED,
                    "the policy's own CA for this host (trustedCa) is missing or cannot be used; nothing was sent");
        }
        return UpstreamRoutes.of(
                entry, port, InnerVirtualHost.cameFor(entry.host().text()));
    }

    /** Hosts that were taken away: connections that are still open get an answer until their chain is drained. */
    private static Stream<VirtualHost.Builder> leaving(WorkloadModel model, int port) {
        return model.leaving().entrySet().stream()
                .filter(host -> isGone(model, host.getKey(), port))
                .map(host -> InnerVirtualHost.leaving(host.getKey(), port, host.getValue()));
    }

    private static boolean isGone(WorkloadModel model, String host, int port) {
        return model.leaving().containsKey(host)
                && new Entries(model)
                        .interceptedOn(port)
                        .noneMatch(entry -> entry.host().text().equals(host));
    }

    /** Other hosts of the policy, whose requests never come here by right. {@code *} is in {@link #rest}. */
    private static List<String> passedThrough(WorkloadModel model, int port) {
        return new Entries(model)
                .passedThroughOn(port)
                .map(entry -> entry.host().text())
                .filter(host -> !host.equals("*") && !isGone(model, host, port))
                .toList();
    }

    /** What a wildcard in {@link #passedThrough} would cover although another entry refuses it. */
    private static Stream<VirtualHost.Builder> refused(WorkloadModel model, int port, Reason reason) {
        List<String> hosts = new Entries(model)
                .refusedOn(port, reason).stream()
                        .filter(host -> !host.equals("*") && !isGone(model, host, port))
                        .toList();
        return named(reason.code(), hosts, port, refusals(model, port, reason));
    }

    /**
     * To what came through the chain of a host that is here: its Host is wrong. Any other chain is of a host that was taken away, whoever still knows that: its connections are open until it has drained.
     */
    private static Stream<Route.Builder> refusals(WorkloadModel model, int port, Reason reason) {
        List<String> here = new Entries(model)
                .interceptedOn(port)
                .map(entry -> entry.host().text())
                .toList();
        return Stream.concat(
                InnerVirtualHost.cameForOneOf(here).map(InnerVirtualHost::badAuthority),
                Stream.of(InnerVirtualHost.notAnyMore(requests(), reason)));
    }

    private static Stream<VirtualHost.Builder> named(
            String name, List<String> hosts, int port, Stream<Route.Builder> answers) {
        return hosts.isEmpty() ? Stream.empty() : Stream.of(InnerVirtualHost.answering(name, hosts, port, answers));
    }

    private static VirtualHost.Builder rest(WorkloadModel model, int port) {
        boolean anyName = new Entries(model)
                .passedThroughOn(port)
                .anyMatch(entry -> entry.host().isAny());
        return anyName
                ? InnerVirtualHost.anyName(port)
                : InnerVirtualHost.anythingElse(refusals(model, port, Reason.HOST_NOT_ALLOWED));
    }

    private InnerRoutes() {}
}
