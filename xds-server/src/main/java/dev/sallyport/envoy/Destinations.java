package dev.sallyport.envoy;

import dev.sallyport.policy.HostEntry;
import dev.sallyport.policy.TlsMode;
import java.util.List;

/** Which cluster the traffic of a host goes to: the shared ones, unless the entry has addresses or a CA of its own. */
final class Destinations {
    /** For requests that the sidecar sends over TLS of its own. */
    static String requests(HostEntry host, int port) {
        return hasOwnCluster(host)
                ? ResourceNames.host(host.host().text()) + portSuffix(host, port)
                : ResourceNames.shared(host.addresses());
    }

    /** For requests that want to become a WebSocket. */
    static String upgrades(HostEntry host, int port) {
        return ResourceNames.http1(requests(host, port));
    }

    /** For the app's own TLS, unread. */
    static String tunnels(HostEntry host, int port) {
        return isPinned(host)
                ? ResourceNames.hostTunnel(host.host().text()) + portSuffix(host, port)
                : ResourceNames.sharedTunnel(host.addresses());
    }

    /** Whether its addresses are fixed; otherwise its name is resolved. */
    static boolean isPinned(HostEntry host) {
        return !host.resolveTo().isEmpty();
    }

    static boolean hasOwnCluster(HostEntry host) {
        return isPinned(host) || host.trustedCa().isPresent();
    }

    /** One port for each cluster that the host has of its own: any port when all addresses bring theirs. */
    static List<Integer> ports(HostEntry host) {
        return needsPort(host) ? host.ports() : host.ports().subList(0, 1);
    }

    static boolean isPassthrough(HostEntry host) {
        return host.tls() == TlsMode.Passthrough;
    }

    private static String portSuffix(HostEntry host, int port) {
        return needsPort(host) ? "/" + port : "";
    }

    /** An address without a port stands for the port that the app asked for, so each port has a cluster. */
    private static boolean needsPort(HostEntry host) {
        return host.resolveTo().stream().anyMatch(address -> address.port().isEmpty());
    }

    private Destinations() {}
}
