package dev.sallyport.cli.machine;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network namespace with one way out: a pair of interfaces to the machine, which masquerades what comes through it. The namespace lives as long as a process that reads a pipe from this one, so it ends with this process, however that
 * ends, and the interfaces with it; what else is made on the machine is in the journal. As long as {@link #guard} was not called, everything in it may go out.
 */
public final class IsolatedNetwork implements AutoCloseable {
    private static final String INTERFACE = "eth0";
    private static final int DNS = 53;

    private final Process holder;
    private final RunDirectory run;
    private final PointToPoint addresses;
    private final String hostInterface;
    private final Set<Long> refusedIpv6 = ConcurrentHashMap.newKeySet();
    private final MachineFirewall firewall;
    private final boolean ipv6LeadsOut;

    private IsolatedNetwork(Process holder, RunDirectory run, PointToPoint addresses, boolean ipv6LeadsOut) {
        this.holder = holder;
        this.run = run;
        this.addresses = addresses;
        this.hostInterface = "sp-" + run.id();
        this.firewall = new MachineFirewall(run, hostInterface);
        this.ipv6LeadsOut = ipv6LeadsOut;
    }

    /** Makes the namespace and its way out. */
    public static IsolatedNetwork create(RunDirectory run, Resolvers resolvers) throws IOException {
        IsolatedNetwork network = new IsolatedNetwork(hold(), run, PointToPoint.free(), AddressFamily.V6.leadsOut());
        try {
            network.connect();
            network.openFirewall(resolvers);
            return network;
        } catch (IOException | RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** The machine's address on the way out: where the control plane listens. */
    public InetAddress hostAddress() throws IOException {
        return InetAddress.getByName(addresses.host());
    }

    /** The namespace's own address. */
    public InetAddress address() throws IOException {
        return InetAddress.getByName(addresses.inside());
    }

    /** Whether such namespaces have IPv6, by loopback and by the packet rules. The sidecar has a way out for it where the machine has one. */
    public static boolean hasIpv6() {
        return AddressFamily.V6.exists();
    }

    /** A command that executes what follows it, in the same process, inside the namespace. */
    public List<String> enter() {
        return List.of("nsenter", "--net=/proc/" + holder.pid() + "/ns/net", "--");
    }

    /** Puts the packet rules in force, texts for {@code iptables-restore} and {@code ip6tables-restore}. Call it before anything that is not trusted runs in the namespace. */
    public void guard(String rules4, String rules6) throws IsolationException {
        HostTools.run(inside(AddressFamily.V4.restore(), "-w"), rules4);
        if (hasIpv6()) {
            HostTools.run(inside(AddressFamily.V6.restore(), "-w"), rules6);
        }
    }

    /** Whom the packet rules let out learns at once that there is no IPv6 beyond, where there is none, instead of waiting for a neighbour that is not there. May be called again. */
    public void refuseIpv6(long uid) throws IsolationException {
        if (hasIpv6() && !ipv6LeadsOut && refusedIpv6.add(uid)) {
            String range = uid + "-" + uid;
            HostTools.run(inside("ip", "-6", "rule", "add", "uidrange", range, "unreachable"), "");
        }
    }

    /** Lets the namespace connect to that port of {@link #hostAddress}, whatever the machine's own firewall says of strangers. */
    public void admit(int port) throws IsolationException {
        firewall.admit(AddressFamily.V4, "tcp", addresses.host(), port);
    }

    @Override
    public void close() {
        holder.destroy();
    }

    private void connect() throws IOException {
        String pid = Long.toString(holder.pid());
        // Goes by itself when the namespace does, a moment after its last process.
        run.journal().undoWith(List.of("ip", "link", "delete", hostInterface));
        HostTools.run("ip", "link", "add", hostInterface, "type", "veth", "peer", "name", INTERFACE, "netns", pid);
        HostTools.run("ip", "address", "add", addresses.host() + "/30", "dev", hostInterface);
        HostTools.run("ip", "link", "set", hostInterface, "up");
        HostTools.run(inside("ip", "link", "set", "lo", "up"), "");
        HostTools.run(inside("ip", "address", "add", addresses.inside() + "/30", "dev", INTERFACE), "");
        HostTools.run(inside("ip", "link", "set", INTERFACE, "up"), "");
        HostTools.run(inside("ip", "route", "add", "default", "via", addresses.host()), "");
        if (hasIpv6()) {
            connectIpv6();
        }
    }

    /** Where it does not lead out, it only makes packets of IPv6 go to the packet rules, which turn them to the sidecar or reject them. */
    private void connectIpv6() throws IOException {
        List<String> route = List.of("ip", "-6", "route", "add", "default", "dev", INTERFACE);
        if (ipv6LeadsOut) {
            HostTools.run("ip", "-6", "address", "add", addresses.host6() + "/64", "dev", hostInterface, "nodad");
            route = Commands.join(List.of(route, List.of("via", addresses.host6())));
        }
        String inside = addresses.inside6() + "/64";
        HostTools.run(inside("ip", "-6", "address", "add", inside, "dev", INTERFACE, "nodad"), "");
        HostTools.run(Commands.join(List.of(enter(), route)), "");
    }

    private void openFirewall(Resolvers resolvers) throws IOException {
        for (InetAddress server : resolvers.addresses()) {
            AddressFamily family = AddressFamily.of(server);
            firewall.admit(family, "udp", server.getHostAddress(), DNS);
            firewall.admit(family, "tcp", server.getHostAddress(), DNS);
        }
        firewall.letOut(AddressFamily.V4, addresses.inside());
        if (ipv6LeadsOut) {
            firewall.letOut(AddressFamily.V6, addresses.inside6());
        }
    }

    private List<String> inside(String... command) {
        return Commands.join(List.of(enter(), List.of(command)));
    }

    private static Process hold() throws IsolationException {
        try {
            // Reads until this process ends, and writes back the first line once it is in its namespace.
            Process holder = new ProcessBuilder("unshare", "--net", "cat").start();
            holder.getOutputStream().write("in\n".getBytes(StandardCharsets.US_ASCII));
            holder.getOutputStream().flush();
            if (holder.getInputStream().readNBytes(3).length < 3) {
                String complaint = new String(holder.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                throw new IsolationException("cannot make a network namespace: " + complaint + "; " + HostTools.RIGHTS);
            }
            return holder;
        } catch (IsolationException e) {
            throw e;
        } catch (IOException e) {
            throw new IsolationException("cannot make a network namespace: " + e.getMessage());
        }
    }
}
