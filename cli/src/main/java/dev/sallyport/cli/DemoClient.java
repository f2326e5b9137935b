package dev.sallyport.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** An app behind the proxy, as simple as HTTP/1.1 allows, so that it can also do what ordinary clients do not. */
final class DemoClient {
    private static final int TIMEOUT_MILLIS = 10_000;

    private final int proxyPort;
    private final SSLContext tls;

    /**
     * @param trusted CA certificates, PEM
     */
    DemoClient(int proxyPort, String trusted) {
        this.proxyPort = proxyPort;
        this.tls = trusting(trusted);
    }

    /** An answer: {@code closed} when there was none. */
    record Answer(int status, Map<String, String> headers, String body) {
        static final Answer CLOSED = new Answer(0, Map.of(), "");

        String reason() {
            return headers.getOrDefault("x-sallyport-reason", "");
        }
    }

    /** An open connection through the proxy, perhaps with TLS inside. */
    record Tunnel(Socket socket, Answer connect) implements AutoCloseable {
        /** Sends a request and reads its answer; the connection stays open. */
        Answer request(String method, String target, String host, String... headers) {
            return exchange(
                    socket,
                    method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + String.join("", headers) + "\r\n");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** A CONNECT and no more. */
    Answer connect(String host, int port) throws IOException {
        try (Socket socket = proxy()) {
            return exchange(socket, connectRequest(host, port));
        }
    }

    /** A request in clear to the proxy. */
    Answer plain(String method, String url, String host, String... headers) throws IOException {
        try (Socket socket = proxy()) {
            return new Tunnel(socket, Answer.CLOSED).request(method, url, host, headers);
        }
    }

    /** CONNECT, then TLS with that server name. */
    Tunnel tunnel(String host, String serverName) throws IOException {
        Socket socket = proxy();
        Answer answer = exchange(socket, connectRequest(host, 443));
        if (answer.status() != 200) {
            return new Tunnel(socket, answer);
        }
        SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(socket, serverName, 443, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(serverName)));
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return new Tunnel(secured, answer);
    }

    private Socket proxy() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxyPort);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    private static String connectRequest(String host, int port) {
        return "CONNECT " + host + ":" + port + " HTTP/1.1\r\nHost: " + host + ":" + port + "\r\n\r\n";
    }

    private static Answer exchange(Socket socket, String request) {
        try {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            String status = line(in);
            if (status.isEmpty()) {
                return Answer.CLOSED;
            }
            Map<String, String> headers = new TreeMap<>();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            boolean isTunnel = request.startsWith("CONNECT") && status.contains(" 200 ");
            return new Answer(Integer.parseInt(status.substring(9, 12)), headers, isTunnel ? "" : body(in, headers));
        } catch (IOException closed) {
            return Answer.CLOSED;
        }
    }

    private static String body(InputStream in, Map<String, String> headers) throws IOException {
        StringBuilder body = new StringBuilder();
        if (headers.containsKey("content-length")) {
            body.append(text(in, Integer.parseInt(headers.get("content-length"))));
        } else if ("chunked".equals(headers.get("transfer-encoding"))) {
            for (int size = chunk(in); size > 0; size = chunk(in)) {
                body.append(text(in, size));
                line(in);
            }
            line(in);
        }
        return body.toString();
    }

    private static int chunk(InputStream in) throws IOException {
        return Integer.parseInt(line(in), 16);
    }

    private static String text(InputStream in, int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static SSLContext trusting(String pem) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }
}
