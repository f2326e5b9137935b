package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.bootstrap.PacketRules;
import dev.sallyport.bootstrap.PodLayout;
import dev.sallyport.policy.EgressPolicy;
import java.util.List;

/** The init container {@code sallyport-net}: applies the packet rules and ends. It runs before everything else, and where it fails the Pod does not start. */
final class NetContainer {
    /** IPv6 may be missing from the kernel, and is left alone then; where it is there, its rules must hold. */
    private static final String SCRIPT = """
            printf '%s' "$1" | iptables-restore
            if [ -e /proc/net/if_inet6 ]; then printf '%s' "$2" | ip6tables-restore; fi
            """;

    static ObjectNode of(EgressPolicy policy, InjectorSettings settings, int uid) {
        PacketRules rules = rules(policy, settings, uid);
        ObjectNode container =
                OwnContainer.of(PodLayout.NET, settings.cluster().images().netInit(), settings);
        container.set("command", Json.strings(List.of("/bin/sh", "-ec", SCRIPT, PodLayout.NET)));
        container.set("args", Json.strings(List.of(rules.ipv4(), rules.ipv6())));
        ObjectNode resources = container.putObject("resources");
        resources.putObject("limits").put("memory", "64Mi");
        resources.putObject("requests").put("cpu", "10m").put("memory", "16Mi");
        ObjectNode context = OwnContainer.confined(container);
        context.put("runAsGroup", 0).put("runAsNonRoot", false).put("runAsUser", 0);
        // NET_RAW: the socket that iptables' legacy variant speaks to the kernel by.
        Json.objectIn(context, "capabilities").set("add", Json.strings(List.of("NET_ADMIN", "NET_RAW")));
        container.set("volumeMounts", Json.list(List.of(OwnVolumes.noTokenMount())));
        return container;
    }

    private static PacketRules rules(EgressPolicy policy, InjectorSettings settings, int uid) {
        return switch (policy.access()) {
            case None -> PacketRules.nothing();
            case Restricted -> PacketRules.captured(uid, settings.ports(true).capture(), settings.resolvers());
            case Unrestricted -> PacketRules.allButLinkLocal(settings.resolvers());
        };
    }

    private NetContainer() {}
}
