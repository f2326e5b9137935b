package dev.sallyport.cli.machine;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The machine's DNS servers, as a network of its own can reach them: a stub on loopback is replaced by the servers behind it.
 *
 * @param servers IP literals, in the machine's order, at least one; of IPv6 only where the machine has a way out for it
 * @param others the {@code search} and {@code options} lines
 */
public record Resolvers(List<String> servers, List<String> others) {
    private static final Path CONFIGURATION = Path.of("/etc/resolv.conf");
    /** What systemd-resolved asks itself, where {@code /etc/resolv.conf} names only its stub. */
    private static final Path BEHIND_STUB = Path.of("/run/systemd/resolve/resolv.conf");

    public Resolvers {
        servers = List.copyOf(servers);
        others = List.copyOf(others);
    }

    /** Reads the machine's configuration. */
    public static Resolvers ofMachine() throws IsolationException {
        return of(CONFIGURATION, BEHIND_STUB, AddressFamily.V6.leadsOut());
    }

    /** Servers that were named. */
    public static Resolvers named(List<String> servers) throws IsolationException {
        boolean ipv6 = AddressFamily.V6.leadsOut();
        for (String server : servers) {
            if (!isReachable(server, ipv6)) {
                throw new IsolationException("--resolver " + server + " (expected: " + expected(ipv6) + ")");
            }
        }
        return new Resolvers(servers, List.of());
    }

    static Resolvers of(Path configuration, Path behindStub, boolean ipv6) throws IsolationException {
        Resolvers direct = read(configuration, ipv6);
        Resolvers usable = direct.servers.isEmpty() && Files.isReadable(behindStub) ? read(behindStub, ipv6) : direct;
        if (usable.servers.isEmpty()) {
            throw new IsolationException(configuration + " names no DNS server that an isolated command can reach"
                    + " (expected: " + expected(ipv6) + "); name one with --resolver");
        }
        return usable;
    }

    /** The servers as addresses. */
    public List<InetAddress> addresses() throws IOException {
        List<InetAddress> addresses = new ArrayList<>();
        for (String server : servers) {
            addresses.add(InetAddress.getByName(server));
        }
        return addresses;
    }

    /** {@code resolv.conf} for the isolated command. */
    String text() {
        StringBuilder text = new StringBuilder();
        servers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
        others.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private static Resolvers read(Path file, boolean ipv6) throws IsolationException {
        List<String> servers = new ArrayList<>();
        List<String> others = new ArrayList<>();
        for (String line : lines(file)) {
            String[] words = line.strip().split("\\s+", -1);
            if (words[0].equals("nameserver") && words.length > 1 && isReachable(words[1], ipv6)) {
                servers.add(words[1]);
            } else if (words[0].equals("search") || words[0].equals("options")) {
                others.add(line.strip());
            }
        }
        return new Resolvers(servers, others);
    }

    private static List<String> lines(Path file) throws IsolationException {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new IsolationException(
                    "cannot read the machine's DNS servers from " + file + "; name one with --resolver");
        }
    }

    private static boolean isReachable(String server, boolean ipv6) {
        if (!server.matches("[0-9.]+") && !(ipv6 && server.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*"))) {
            return false;
        }
        try {
            InetAddress address = InetAddress.getByName(server);
            boolean needsInterface = address instanceof Inet6Address && address.isLinkLocalAddress();
            return !address.isLoopbackAddress() && !needsInterface;
        } catch (IOException notAnAddress) {
            return false;
        }
    }

    private static String expected(boolean ipv6) {
        return ipv6
                ? "an IP address that is not loopback, and not link-local in IPv6"
                : "an IPv4 address that is not loopback; the machine has no IPv6 route";
    }
}
