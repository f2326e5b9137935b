package dev.sallyport.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * How a test client opens TLS.
 *
 * @param context what it trusts
 * @param serverName the name it sends and, unless it trusts everyone, expects; null: sends none and expects none
 * @param protocols what it offers by ALPN
 */
public record TlsClient(SSLContext context, @Nullable String serverName, List<String> protocols) {
    /** A client that trusts these CA certificates (PEM) and offers HTTP/1.1. */
    public static TlsClient trusting(String pem) {
        return new TlsClient(contextOf(trustManagers(pem)), null, List.of("http/1.1"));
    }

    /** A client that takes any certificate, and looks at no name in it. */
    public static TlsClient trustingEveryone() {
        return new TlsClient(contextOf(new TrustManager[] {new Anyone()}), null, List.of("http/1.1"));
    }

    public TlsClient to(String name) {
        return new TlsClient(context, name, protocols);
    }

    public TlsClient offering(String... alpn) {
        return new TlsClient(context, serverName, List.of(alpn));
    }

    /** Speaks TLS on that connection from now on. */
    SSLSocket open(Socket socket) throws IOException {
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, serverName, socket.getPort(), true);
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(protocols.toArray(String[]::new));
        if (serverName == null) {
            parameters.setServerNames(List.of());
        } else {
            // Not parsed as a name: tests send what no client would.
            parameters.setServerNames(List.of(new SNIHostName(serverName.getBytes(StandardCharsets.US_ASCII))));
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return tls;
    }

    private static TrustManager[] trustManagers(String pem) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("no CA certificates", e);
        }
    }

    private static SSLContext contextOf(TrustManager[] trusted) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trusted, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Anyone extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
