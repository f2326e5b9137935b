package dev.sallyport.cli;

import dev.sallyport.bootstrap.SidecarPorts;
import java.io.IOException;
import java.net.InetAddress;
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

    private FreePorts() {}
}
