package dev.sallyport.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One address for several servers, as a Service is: each connection goes to the next that takes it. */
final class ServiceAddress implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Integer> ports;
    private final AtomicInteger turn = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private ServiceAddress(ServerSocket listener, List<Integer> ports) {
        this.listener = listener;
        this.ports = ports;
    }

    /** On a port of its own, for servers on these ports of loopback. */
    static ServiceAddress of(List<Integer> ports) throws IOException {
        ServerSocket listener = new ServerSocket(TestSidecar.nextPort(), 64, InetAddress.getLoopbackAddress());
        ServiceAddress service = new ServiceAddress(listener, List.copyOf(ports));
        start("service-address", service::accept);
        return service;
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            open.add(client);
            start("service-connection", () -> forward(client));
        }
    }

    private void forward(Socket client) throws IOException {
        try (client) {
            int tries = 0;
            while (tries < ports.size()) {
                int port = ports.get(Math.floorMod(turn.getAndIncrement(), ports.size()));
                try (Socket server = new Socket()) {
                    server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                    open.add(server);
                    start("service-answers", () -> copy(server, client));
                    copy(client, server);
                    return;
                } catch (ConnectException takesNone) {
                    tries++;
                }
            }
        } finally {
            open.remove(client);
        }
    }

    private static void copy(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16_384];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                out.flush();
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException ended) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
