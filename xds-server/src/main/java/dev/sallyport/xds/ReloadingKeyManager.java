package dev.sallyport.xds;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the serving certificate at every handshake, so that it is renewed without a restart and without dropping a connection. TLS asks first for an alias and then, one by one, for its chain and its key: an alias stands
 * for one certificate, and the one before it is still known.
 */
public final class ReloadingKeyManager extends X509ExtendedKeyManager {
    private final Supplier<TlsIdentity> identities;
    private final AtomicReference<@Nullable Known> known = new AtomicReference<>();

    /** {@code identities} gives the newest each time, the same object as long as it is the same; any thread. */
    public ReloadingKeyManager(Supplier<TlsIdentity> identities) {
        this.identities = identities;
    }

    private record Known(
            int number, TlsIdentity current, @Nullable Known previous) {
        String alias() {
            return "serving-" + number;
        }

        Known next(TlsIdentity newest) {
            return newest.isSameAs(current) ? this : new Known(number + 1, newest, new Known(number, current, null));
        }
    }

    private Known newest() {
        TlsIdentity newest = identities.get();
        Known now = known.updateAndGet(old -> old == null ? new Known(0, newest, null) : old.next(newest));
        if (now == null) {
            throw new IllegalStateException("no serving certificate");
        }
        return now;
    }

    private @Nullable TlsIdentity byAlias(@Nullable String alias) {
        for (Known one = known.get(); one != null; one = one.previous()) {
            if (one.alias().equals(alias)) {
                return one.current();
            }
        }
        return null;
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return newest().alias();
    }

    @Override
    public String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return newest().alias();
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {newest().alias()};
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
        TlsIdentity certificate = byAlias(alias);
        return certificate == null ? null : certificate.chain();
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
        TlsIdentity certificate = byAlias(alias);
        return certificate == null ? null : certificate.key();
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
