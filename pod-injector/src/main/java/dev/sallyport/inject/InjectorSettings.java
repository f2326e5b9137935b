package dev.sallyport.inject;

import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.settings.ClusterSettings;
import java.net.InetAddress;
import java.util.List;

/**
 * What is the same for all Pods of a cluster.
 *
 * @param cluster what the platform team says
 * @param resolvers whom Pods ask for names; nobody else is reachable for that
 * @param ipv6 whether Pods have IPv6, at least on loopback. Where it is off in the kernel no sidecar could listen there
 * @param version of the injector
 */
public record InjectorSettings(ClusterSettings cluster, List<InetAddress> resolvers, boolean ipv6, String version) {
    public InjectorSettings {
        resolvers = List.copyOf(resolvers);
    }

    /** Where sidecars listen. */
    SidecarPorts ports(boolean captured) {
        SidecarPorts all = SidecarPorts.DEFAULT;
        return new SidecarPorts(
                all.proxy(), captured ? all.capture() : 0, ipv6 ? all.readyAddress() : "0.0.0.0", all.ready(), ipv6);
    }
}
