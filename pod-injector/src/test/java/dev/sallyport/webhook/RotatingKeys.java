package dev.sallyport.webhook;

import dev.sallyport.testing.TestPki;
import dev.sallyport.testing.TestPki.ServerCertificate;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** A certificate that a test replaces. */
final class RotatingKeys extends X509ExtendedKeyManager {
    private final TestPki pki;
    private volatile ServerCertificate current;

    RotatingKeys(TestPki pki) {
        this.pki = pki;
        this.current = pki.server("127.0.0.1");
    }

    ServerCertificate current() {
        return current;
    }

    void renew() {
        current = pki.server("127.0.0.1");
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return "serving";
    }

    @Override
    public String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return "serving";
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
        return new String[] {"serving"};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return new X509Certificate[] {current.certificate()};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return current.key();
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
