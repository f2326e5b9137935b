package dev.sallyport.cli;

import dev.sallyport.bootstrap.SidecarPorts;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Ports of loopback that nobody uses at the moment. Somebody may take one before the sidecar does: then others are drawn. */
final class FreePorts {
    /** For a sidecar with a proxy and no capture. */
    static SidecarPorts draw() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket proxy = new ServerSocket(0, 1, loopback);
                ServerSocket ready = new ServerSocket(0, 1, loopback)) {
            return new SidecarPorts(proxy.getLocalPort(), 0, "127.0.0.1", ready.getLocalPort(), false);
        }
    }

    /** A port that is in use is a {@link UserError}: Envoy would say so in six lines, and go on without. */
    static void require(SidecarPorts ports) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        requireFree("--proxy-port", loopback, ports.proxy());
        if (ports.capture() != 0) {
            requireFree("--capture-port", loopback, ports.capture());
        }
        requireFree("--ready", InetAddress.getByName(ports.readyAddress()), ports.ready());
    }

    private static void requireFree(String flag, InetAddress address, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(address, port));
        } catch (BindException e) {
            throw new UserError(flag + ": cannot listen on " + address.getHostAddress() + ":" + port + ": "
                    + e.getMessage() + "; choose another, or end the process that uses it");
        }
    }

    private FreePorts() {}
}
