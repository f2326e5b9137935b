package dev.sallyport.e2e;

import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TlsClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/**
 * An app behind a sidecar.
 *
 * @param proxy what its proxy variables say
 * @param ca the file that says which CA certificates it trusts
 */
record App(InetSocketAddress proxy, Path ca) {
    RawConnection open() throws IOException {
        return RawConnection.open(proxy);
    }

    /** TLS to that server name within a tunnel to {@code name:443}. */
    RawConnection tls(String name) throws IOException {
        return tls(name + ":443", name);
    }

    /** TLS to that server name within a tunnel to that target. */
    RawConnection tls(String target, String name) throws IOException {
        return RawConnection.tunnel(proxy, target).startTls(trust().to(name));
    }

    /** The same by HTTP/2. */
    RawConnection http2(String name) throws IOException {
        return RawConnection.tunnel(proxy, name + ":443")
                .startTls(trust().to(name).offering("h2"));
    }

    /** One request over a connection of its own: {@code GET path}. */
    HttpReply get(String name, String path) {
        return send(name, "GET " + path + " HTTP/1.1", "Host: " + name, "Connection: close");
    }

    /** One request over a connection of its own; a handshake that fails is {@link HttpReply#CLOSED}. */
    HttpReply send(String name, String... lines) {
        try (RawConnection connection = tls(name)) {
            return connection.request(lines).reply();
        } catch (SSLException | SocketException refused) {
            return HttpReply.CLOSED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One {@code CONNECT}, and nothing after it. */
    HttpReply connect(String target) {
        try (RawConnection connection = open()) {
            return connection.connect(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client that trusts the workload's CA, as it is now. */
    TlsClient trust() {
        try {
            return TlsClient.trusting(Files.readString(ca));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
