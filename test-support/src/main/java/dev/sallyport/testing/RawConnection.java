package dev.sallyport.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;

/** A client's connection, on which exactly the given bytes are sent. Not safe for use by several threads. */
public final class RawConnection implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final HttpReplyReader replies;

    private RawConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        this.out = socket.getOutputStream();
        this.replies = new HttpReplyReader(in);
    }

    /** Dials; every read gives up after 20 s. */
    public static RawConnection open(InetSocketAddress address) throws IOException {
        return open(address, new InetSocketAddress(0));
    }

    /** Dials from an address of one's own, as another machine would; every read gives up after 20 s. */
    public static RawConnection open(InetSocketAddress address, InetSocketAddress from) throws IOException {
        Socket socket = new Socket();
        try {
            socket.bind(from);
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.setTcpNoDelay(true);
            socket.connect(address, (int) PATIENCE.toMillis());
            return new RawConnection(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Dials a proxy and asks it for a tunnel.
     *
     * @throws IOException when it does not answer 200
     */
    public static RawConnection tunnel(InetSocketAddress proxy, String target) throws IOException {
        RawConnection connection = open(proxy);
        HttpReply reply = connection.connect(target);
        if (reply.status() != 200) {
            connection.close();
            throw new IOException("CONNECT " + target + " was answered with " + reply);
        }
        return connection;
    }

    /** Asks for a tunnel; after 200 this connection is the tunnel. */
    public HttpReply connect(String target) throws IOException {
        send("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n");
        HttpReply head = replies.read(true);
        return head.status() == 200 ? head : new HttpReply(head.status(), head.headers(), rest(head));
    }

    /**
     * Speaks TLS from here on, within this connection. The connection must not be used any more, the returned one closes it.
     *
     * @throws IOException when the handshake fails; this connection is closed then
     */
    public RawConnection startTls(TlsClient client) throws IOException {
        try {
            return new RawConnection(client.open(socket));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends these lines, each with CR and LF, and an empty one: the head of a request. */
    public RawConnection request(String... lines) throws IOException {
        return send(String.join("\r\n", lines) + "\r\n\r\n");
    }

    /** Sends these characters, one byte each. */
    public RawConnection send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawConnection send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    /** The next answer; {@link HttpReply#CLOSED} when the connection ends without one. */
    public HttpReply reply() throws IOException {
        try {
            return replies.read(false);
        } catch (SocketException reset) {
            return HttpReply.CLOSED;
        }
    }

    /** The next answer to a request that gets no body: HEAD, or an upgrade. */
    public HttpReply bodilessReply() throws IOException {
        return replies.read(true);
    }

    /** Whether the other side ends this connection without sending anything; waits for it. */
    public boolean isClosedByPeer() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (SocketException | SSLException ended) {
            return true;
        }
    }

    public InputStream in() {
        return in;
    }

    public OutputStream out() {
        return out;
    }

    /** The certificates that the server showed, its own first. */
    public Certificate[] serverCertificates() throws SSLPeerUnverifiedException {
        return ((SSLSocket) socket).getSession().getPeerCertificates();
    }

    /** What was agreed on by ALPN. */
    public String applicationProtocol() {
        return ((SSLSocket) socket).getApplicationProtocol();
    }

    /** How long each read waits. */
    public RawConnection patience(Duration time) throws SocketException {
        socket.setSoTimeout((int) time.toMillis());
        return this;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private String rest(HttpReply head) throws IOException {
        int length = Integer.parseInt(head.header("content-length").orElse("0"));
        return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }
}
