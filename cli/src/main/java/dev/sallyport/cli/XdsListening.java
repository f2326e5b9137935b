package dev.sallyport.cli;

import dev.sallyport.xds.XdsServer;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Starts an xDS server, and says in one line why it cannot listen. */
final class XdsListening {
    /** A port that is in use is a {@link UserError}. */
    static void start(XdsServer server, InetSocketAddress address) {
        try {
            server.start();
        } catch (IOException e) {
            throw new UserError("cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
                    + rootCause(e) + "; choose another address or port, or end the process that uses it");
        }
    }

    private static String rootCause(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private XdsListening() {}
}
