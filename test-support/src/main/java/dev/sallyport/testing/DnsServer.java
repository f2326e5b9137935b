package dev.sallyport.testing;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A resolver by UDP and TCP that knows what tests tell it, at any time, and answers NXDOMAIN to everything else. Safe for use by several threads. */
public final class DnsServer implements AutoCloseable {
    private static final int LARGEST_QUERY = 4096;

    private final InetSocketAddress address;
    private final Map<String, List<InetAddress>> records = new ConcurrentHashMap<>();
    private final Map<String, Integer> questions = new ConcurrentHashMap<>();
    private final List<Closeable> sockets = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** For port 53 of {@link TestNetwork#DNS}. */
    public DnsServer() {
        this(new InetSocketAddress(TestNetwork.DNS, 53));
    }

    DnsServer(InetSocketAddress address) {
        this.address = address;
    }

    /** Binds and answers from now on. */
    public DnsServer start() throws IOException {
        DatagramSocket udp = new DatagramSocket(address);
        sockets.add(udp);
        ServerSocket tcp = new ServerSocket(address.getPort(), 50, address.getAddress());
        sockets.add(tcp);
        threads.add(daemon("dns-udp", () -> serve(udp)));
        threads.add(daemon("dns-tcp", () -> serve(tcp)));
        return this;
    }

    /** From now on this name has these addresses, IPv4 and IPv6, in this order. With none: it exists and has no address. */
    public DnsServer put(String name, String... addresses) {
        records.put(
                normalise(name), Arrays.stream(addresses).map(DnsServer::parse).toList());
        return this;
    }

    /** From now on this name has this address as well. */
    public void add(String name, String address) {
        records.merge(
                normalise(name),
                List.of(parse(address)),
                (held, added) -> Stream.concat(held.stream(), added.stream()).toList());
    }

    /** From now on this name does not exist. */
    public void remove(String name) {
        records.remove(normalise(name));
    }

    /** How often it was asked about this name so far. */
    public int questions(String name) {
        return questions.getOrDefault(normalise(name), 0);
    }

    /** Returns when its port is free again: until then a thread that waits for a datagram keeps it. */
    @Override
    public void close() throws IOException {
        for (Closeable socket : sockets) {
            socket.close();
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(DatagramSocket socket) throws IOException {
        while (true) {
            DatagramPacket query = new DatagramPacket(new byte[LARGEST_QUERY], LARGEST_QUERY);
            socket.receive(query);
            byte[] answer = answer(Arrays.copyOf(query.getData(), query.getLength()));
            socket.send(new DatagramPacket(answer, answer.length, query.getSocketAddress()));
        }
    }

    private void serve(ServerSocket server) throws IOException {
        while (true) {
            Socket client = server.accept();
            daemon("dns-tcp-client", () -> {
                try (client) {
                    DataInputStream in = new DataInputStream(client.getInputStream());
                    byte[] answer = answer(in.readNBytes(in.readUnsignedShort()));
                    DataOutputStream out = new DataOutputStream(client.getOutputStream());
                    out.writeShort(answer.length);
                    out.write(answer);
                }
            });
        }
    }

    private byte[] answer(byte[] query) {
        DnsMessage question = DnsMessage.parse(query);
        questions.merge(normalise(question.name()), 1, Integer::sum);
        return question.answer(records.get(normalise(question.name())));
    }

    private static String normalise(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static InetAddress parse(String literal) {
        InetAddress address = new InetSocketAddress(literal, 0).getAddress();
        if (address instanceof Inet4Address && literal.contains(":")) {
            return mapped(address.getAddress());
        }
        return address;
    }

    /** Java takes an IPv4-mapped address for IPv4, unless it is made like this. */
    private static InetAddress mapped(byte[] ipv4) {
        byte[] bytes = new byte[16];
        bytes[10] = (byte) 0xff;
        bytes[11] = (byte) 0xff;
        System.arraycopy(ipv4, 0, bytes, 12, ipv4.length);
        try {
            return Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Loop {
        void run() throws IOException;
    }

    private static Thread daemon(String name, Loop loop) {
        Thread thread = new Thread(
                () -> {
                    try {
                        loop.run();
                    } catch (SocketException closed) {
                        // That is how it ends.
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
