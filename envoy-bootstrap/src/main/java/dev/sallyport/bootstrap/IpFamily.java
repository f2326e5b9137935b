package dev.sallyport.bootstrap;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * What packet rules say differently for IPv4 and IPv6.
 *
 * @param hostBits the prefix length of one address
 * @param loopback where the capture listener is
 * @param prohibited the ICMP answer to what is refused
 * @param kernel rules for what the kernel itself must send
 * @param never link-local addresses, and metadata addresses outside of them
 */
record IpFamily(int hostBits, String loopback, String prohibited, List<String> kernel, List<String> never) {
    static final IpFamily V4 = new IpFamily(
            32,
            "127.0.0.1/32",
            "icmp-admin-prohibited",
            List.of(),
            List.of("169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32"));

    static final IpFamily V6 = new IpFamily(
            128,
            "::1/128",
            "icmp6-adm-prohibited",
            // Neighbour discovery and multicast listener reports, without which IPv6 stops.
            Stream.of(133, 135, 136, 143)
                    .map(type -> "-A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type " + type + " -j ACCEPT")
                    .toList(),
            List.of("fe80::/10", "fd00:ec2::254/128"));

    /** Those of {@code addresses} that are of this family, as networks, sorted. */
    Stream<String> of(List<InetAddress> addresses) {
        return addresses.stream()
                .filter(address -> address instanceof Inet4Address == (hostBits == 32))
                .map(address -> address.getHostAddress().replaceFirst("%.*", "") + "/" + hostBits)
                .distinct()
                .sorted();
    }
}
