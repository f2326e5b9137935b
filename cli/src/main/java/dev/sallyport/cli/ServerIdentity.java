package dev.sallyport.cli;

import dev.sallyport.pki.LeafCertificate;
import dev.sallyport.pki.ServingCertificate;
import dev.sallyport.xds.TlsIdentity;
import org.jspecify.annotations.Nullable;

/** The server's certificate as the xDS server takes it, read again only when it was renewed. Thread-safe. */
final class ServerIdentity {
    private final ServingCertificate issued;
    private @Nullable LeafCertificate leaf;
    private @Nullable TlsIdentity identity;

    ServerIdentity(ServingCertificate issued) {
        this.issued = issued;
    }

    synchronized TlsIdentity current() {
        LeafCertificate now = issued.current();
        TlsIdentity known = identity;
        if (known == null || now != leaf) {
            known = TlsIdentity.ofPem(now.chainPem(), now.keyPem());
            identity = known;
            leaf = now;
        }
        return known;
    }
}
