package dev.sallyport.testing;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection that an {@link Upstream} accepted.
 *
 * @param to the address that was dialled
 * @param sni what the client asked for; null: no TLS yet, or none
 */
public record UpstreamConnection(
        long id, InetSocketAddress to, @Nullable String sni) {
    UpstreamConnection withSni(@Nullable String name) {
        return new UpstreamConnection(id, to, name);
    }
}
