package dev.sallyport.xds;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@code DeltaDiscoveryRequest}, reduced to what the server acts on. */
sealed interface DeltaRequest {
    /**
     * A request that could be read.
     *
     * @param node null in every request but the first of a stream
     * @param nonce of the response this answers; empty when it answers none
     * @param error why that response was rejected; null when it was accepted
     */
    record Valid(
            @Nullable SidecarNode node,
            String typeUrl,
            List<String> subscribe,
            List<String> unsubscribe,
            Map<String, String> initialVersions,
            String nonce,
            @Nullable String error)
            implements DeltaRequest {
        Valid withError(String text) {
            return new Valid(node, typeUrl, subscribe, unsubscribe, initialVersions, nonce, text);
        }
    }

    /** A request that could not be read, or asks for too much; the stream ends for it. */
    record Invalid(StreamEnd end, String why) implements DeltaRequest {}
}
