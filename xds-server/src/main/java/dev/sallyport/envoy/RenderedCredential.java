package dev.sallyport.envoy;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;

/** What became of a credential. */
public sealed interface RenderedCredential {
    /** It can be sent. */
    record Usable(Secret secret) implements RenderedCredential {
        @Override
        public String toString() {
            return "Usable[***]";
        }
    }

    /** It cannot; {@code reason} is for people, names the Secret and key, and never holds the value. */
    record Unusable(String reason) implements RenderedCredential {}
}
