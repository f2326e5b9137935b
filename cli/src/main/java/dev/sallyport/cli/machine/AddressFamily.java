package dev.sallyport.cli.machine;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/** IPv4 and IPv6, as the machine's tools and switches name them. */
enum AddressFamily {
    V4("-4", "iptables", Path.of("/proc/sys/net/ipv4/ip_forward")),
    V6("-6", "ip6tables", Path.of("/proc/sys/net/ipv6/conf/all/forwarding"));

    private static final Path IPV6 = Path.of("/proc/sys/net/ipv6");
    /** In the range that all public addresses are from; nothing is sent to it. */
    private static final String SOMEWHERE = "2000::1";

    private final String option;
    private final String firewall;
    private final Path forwarding;

    AddressFamily(String option, String firewall, Path forwarding) {
        this.option = option;
        this.firewall = firewall;
        this.forwarding = forwarding;
    }

    static AddressFamily of(InetAddress address) {
        return address instanceof Inet4Address ? V4 : V6;
    }

    /** The program for the machine's own packet rules. */
    String firewall() {
        return firewall;
    }

    /** The program that replaces whole tables of packet rules. */
    String restore() {
        return firewall + "-restore";
    }

    /** The switch for forwarding between the machine's interfaces. */
    Path forwarding() {
        return forwarding;
    }

    /** Whether the kernel has it. */
    boolean exists() {
        return this == V4 || Files.isDirectory(IPV6);
    }

    /** Whether the machine has a route to public addresses, and lets this process make it forward to there. A machine without IPv4 is not known. */
    boolean leadsOut() {
        return this == V4 || exists() && hasRoute() && (isForwarded() || Files.isWritable(forwarding));
    }

    /** Whether such packets are forwarded between the machine's interfaces. */
    boolean isForwarded() {
        try {
            return Files.readString(forwarding).strip().equals("1");
        } catch (IOException unreadable) {
            return false;
        }
    }

    private boolean hasRoute() {
        try {
            return !HostTools.run("ip", option, "route", "get", SOMEWHERE).contains("unreachable");
        } catch (IsolationException noRoute) {
            return false;
        }
    }
}
