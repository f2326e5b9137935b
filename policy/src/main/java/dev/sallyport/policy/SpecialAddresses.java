package dev.sallyport.policy;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Addresses that are never an upstream: those of metadata services, and those that name no single host. */
final class SpecialAddresses {
    private static final Set<String> METADATA = Set.of("100.100.100.200", "168.63.129.16", "fd00:ec2::254");

    private SpecialAddresses() {}

    /** What {@code ip} is, when nothing may be pinned to it: with its article, for messages. */
    static Optional<String> refusal(IpAddress ip) {
        Optional<String> own = direct(ip);
        return own.isPresent()
                ? own
                : embedded(ip).flatMap(SpecialAddresses::direct).map(what -> what + " inside an IPv6 address");
    }

    /** Whether {@code ip} is what even a workload with unrestricted access cannot reach. */
    static boolean isLinkLocalOrMetadata(IpAddress ip) {
        return isLinkLocal(ip) || METADATA.contains(ip.toString());
    }

    private static Optional<String> direct(IpAddress ip) {
        if (isLinkLocal(ip)) {
            return Optional.of("a link-local address (metadata services live there)");
        }
        if (METADATA.contains(ip.toString())) {
            return Optional.of("the address of a metadata service");
        }
        if (ip.isIpv4() ? ip.group(0) == 0 : ip.toString().equals("::")) {
            return Optional.of("an unspecified address");
        }
        boolean manyHosts = ip.isIpv4() ? ip.group(0) >= 224 : ip.group(0) >> 8 == 0xff;
        return manyHosts ? Optional.of("a multicast, broadcast or reserved address") : Optional.empty();
    }

    private static boolean isLinkLocal(IpAddress ip) {
        return ip.isIpv4() ? ip.group(0) == 169 && ip.group(1) == 254 : (ip.group(0) & 0xffc0) == 0xfe80;
    }

    /** The IPv4 address that a NAT64, 6to4 or IPv4-compatible address leads to. {@code ::1} is loopback, not {@code 0.0.0.1}. */
    private static Optional<IpAddress> embedded(IpAddress ip) {
        if (ip.isIpv4()) {
            return Optional.empty();
        }
        boolean nat64 = ip.group(0) == 0x64 && ip.group(1) == 0xff9b;
        boolean compatible = ip.groups().subList(0, 6).equals(List.of(0, 0, 0, 0, 0, 0)) && ip.group(6) != 0;
        if (nat64 || compatible) {
            return Optional.of(ip.ipv4At(6));
        }
        return ip.group(0) == 0x2002 ? Optional.of(ip.ipv4At(1)) : Optional.empty();
    }
}
