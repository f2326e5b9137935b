package dev.sallyport.envoy;

import com.github.xds.core.v3.CidrRange;
import dev.sallyport.policy.Addresses;
import io.envoyproxy.envoy.type.matcher.v3.AddressMatcher;
import java.util.List;
import java.util.stream.Stream;

/** Addresses that a host's name must not lead to. */
final class AddressRanges {
    /** Never, whatever the policy says: this machine, link-local, multicast, metadata, and IPv6 forms that hold an IPv4 address, which would go around the rest. */
    private static final List<String> NEVER = List.of(
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "224.0.0.0/3",
            "100.100.100.200/32", // metadata of Alibaba Cloud
            "168.63.129.16/32", // host agent of Azure
            "::/127",
            "::/96", // IPv4-compatible
            "::ffff:0:0/96", // IPv4-mapped
            "64:ff9b::/96", // NAT64
            "64:ff9b:1::/48", // NAT64 of the local network
            "2002::/16", // 6to4
            "2001::/32", // Teredo
            "fe80::/10",
            "ff00::/8",
            "fd00:ec2::254/128"); // metadata of AWS

    /** Only with {@code addresses: Any}. */
    private static final List<String> NOT_PUBLIC = List.of(
            "10.0.0.0/8",
            "100.64.0.0/10",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "fc00::/7",
            "fec0::/10",
            "100::/64",
            "5f00::/16");

    /** What a host with this setting is kept from. */
    static AddressMatcher.Builder refused(Addresses addresses) {
        Stream<String> ranges =
                addresses == Addresses.Public ? Stream.concat(NEVER.stream(), NOT_PUBLIC.stream()) : NEVER.stream();
        return AddressMatcher.newBuilder()
                .addAllRanges(ranges.map(AddressRanges::cidr).toList());
    }

    private static CidrRange cidr(String range) {
        int slash = range.indexOf('/');
        return CidrRange.newBuilder()
                .setAddressPrefix(range.substring(0, slash))
                .setPrefixLen(Envoy.uint32(Integer.parseInt(range.substring(slash + 1))))
                .build();
    }

    private AddressRanges() {}
}
