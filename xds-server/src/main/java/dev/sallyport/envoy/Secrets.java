package dev.sallyport.envoy;

import com.google.protobuf.ByteString;
import dev.sallyport.credential.CredentialLookup;
import dev.sallyport.credential.CredentialValue;
import dev.sallyport.policy.CredentialSpec;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.GenericSecret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;

/** SDS secrets. */
public final class Secrets {
    /** The certificate and key that an intercepted host is shown with. */
    public static Secret leaf(String name, String chainPem, String keyPem) {
        return Secret.newBuilder()
                .setName(name)
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(Envoy.inline(chainPem))
                        .setPrivateKey(Envoy.inline(keyPem)))
                .build();
    }

    /** Certificates of authorities. */
    public static Secret roots(String name, String pem) {
        return Secret.newBuilder()
                .setName(name)
                .setValidationContext(CertificateValidationContext.newBuilder().setTrustedCa(Envoy.inline(pem)))
                .build();
    }

    /** Takes the place of a credential that was given out before: Envoy keeps a secret that is said to be gone, but answers 401 where its value is empty. */
    public static Secret tombstone(String name) {
        return generic(name, ByteString.EMPTY);
    }

    /**
     * The value of a header, as a secret of its own. One line end after the value is dropped; what cannot be in a header makes the credential unusable.
     *
     * @param lookup what the store says about the Secret that {@code spec} names; not looked at when {@code spec} has a literal
     */
    public static RenderedCredential credential(String name, CredentialSpec spec, CredentialLookup lookup) {
        CredentialLookup source = spec.literal()
                .<CredentialLookup>map(text -> new CredentialLookup.Found(CredentialValue.ofText(text)))
                .orElse(lookup);
        if (source instanceof CredentialLookup.Missing missing) {
            return new RenderedCredential.Unusable(missing.reason());
        }
        CredentialValue value = ((CredentialLookup.Found) source).value();
        HeaderValue rendered = HeaderValue.of(spec.format(), value);
        return rendered.fault()
                .<RenderedCredential>map(fault -> new RenderedCredential.Unusable(origin(spec) + " " + fault))
                .orElseGet(() -> new RenderedCredential.Usable(generic(name, rendered.bytes())));
    }

    private static String origin(CredentialSpec spec) {
        return spec.secret()
                .map(key -> "key " + key.key() + " of Secret " + key.name())
                .orElse("the value of header " + spec.header());
    }

    /** Bytes, not text: what a Secret holds need not be UTF-8. */
    private static Secret generic(String name, ByteString value) {
        return Secret.newBuilder()
                .setName(name)
                .setGenericSecret(GenericSecret.newBuilder()
                        .setSecret(DataSource.newBuilder().setInlineBytes(value)))
                .build();
    }

    private Secrets() {}
}
