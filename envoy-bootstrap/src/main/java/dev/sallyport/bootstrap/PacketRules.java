package dev.sallyport.bootstrap;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The packet rules of a workload's network: input for {@code iptables-restore} and {@code ip6tables-restore}. Each replaces whole tables at once, so that applying them again changes nothing. The filter
 * table comes first: where the nat table cannot be loaded, the network is closed, not open.
 *
 * @param ipv4 the rules for IPv4
 * @param ipv6 the rules for IPv6
 */
public record PacketRules(String ipv4, String ipv6) {
    /** For access Restricted: every TCP connection goes to the capture listener, DNS to the given resolvers alone, everything else nowhere. */
    public static PacketRules captured(int sidecarUid, int capturePort, List<InetAddress> resolvers) {
        return new PacketRules(
                capturedBy(IpFamily.V4, sidecarUid, capturePort, resolvers),
                capturedBy(IpFamily.V6, sidecarUid, capturePort, resolvers));
    }

    /** For access None: nothing leaves, not even DNS. */
    public static PacketRules nothing() {
        return new PacketRules(closed(IpFamily.V4), closed(IpFamily.V6));
    }

    /** For access Unrestricted: everything leaves but what goes to link-local and metadata addresses. Where a resolver has such an address, DNS to it stays. */
    public static PacketRules allButLinkLocal(List<InetAddress> resolvers) {
        return new PacketRules(open(IpFamily.V4, resolvers), open(IpFamily.V6, resolvers));
    }

    private static String capturedBy(IpFamily family, int uid, int port, List<InetAddress> resolvers) {
        Stream<String> capture = Stream.of(
                // A redirected packet still carries its old interface here, so it is known by its new address.
                "-A OUTPUT -p tcp -d " + family.loopback() + " --dport " + port + " -j ACCEPT",
                "-A OUTPUT -m owner --uid-owner " + uid + " -j ACCEPT");
        Stream<String> redirect = Stream.of(
                        Stream.of("-A OUTPUT -o lo -j RETURN", "-A OUTPUT -m owner --uid-owner " + uid + " -j RETURN"),
                        family.of(resolvers).map(address -> "-A OUTPUT -p tcp -d " + address + " --dport 53 -j RETURN"),
                        Stream.of("-A OUTPUT -p tcp -j REDIRECT --to-ports " + port))
                .flatMap(rules -> rules);
        return tables(
                Stream.of(capture, answers(), dns(family, resolvers), rejectAll(family))
                        .flatMap(rules -> rules),
                redirect,
                family);
    }

    private static String closed(IpFamily family) {
        return tables(Stream.concat(answers(), rejectAll(family)), Stream.empty(), family);
    }

    private static String open(IpFamily family, List<InetAddress> resolvers) {
        Stream<String> reject = family.never().stream().flatMap(range -> reject(family, " -d " + range));
        return tables(
                Stream.of(answers(), dns(family, resolvers), reject).flatMap(rules -> rules), Stream.empty(), family);
    }

    /** Loopback stays, and on IPv6 what the kernel itself must send. */
    private static String tables(Stream<String> filter, Stream<String> nat, IpFamily family) {
        Stream<String> first = Stream.concat(Stream.of("-A OUTPUT -o lo -j ACCEPT"), family.kernel().stream());
        return table("filter", List.of("INPUT", "FORWARD", "OUTPUT"), Stream.concat(first, filter))
                + table("nat", List.of("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"), nat);
    }

    private static String table(String name, List<String> chains, Stream<String> rules) {
        Stream<String> policies = chains.stream().map(chain -> ":" + chain + " ACCEPT [0:0]");
        return Stream.of(Stream.of("*" + name), policies, rules, Stream.of("COMMIT"))
                .flatMap(lines -> lines)
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    /** Answers to connections from outside, to the app's own server ports: not RELATED, and nothing that was opened from here. */
    private static Stream<String> answers() {
        return Stream.of("-A OUTPUT -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT");
    }

    private static Stream<String> dns(IpFamily family, List<InetAddress> resolvers) {
        return family.of(resolvers)
                .flatMap(address -> Stream.of("udp", "tcp")
                        .map(protocol -> "-A OUTPUT -p " + protocol + " -d " + address + " --dport 53 -j ACCEPT"));
    }

    /** At once, whatever the protocol: an app that is dropped waits. */
    private static Stream<String> rejectAll(IpFamily family) {
        return reject(family, "");
    }

    private static Stream<String> reject(IpFamily family, String destination) {
        return Stream.of(
                "-A OUTPUT" + destination + " -p tcp -j REJECT --reject-with tcp-reset",
                "-A OUTPUT" + destination + " -j REJECT --reject-with " + family.prohibited());
    }
}
