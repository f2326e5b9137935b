package dev.sallyport.xds;

import dev.sallyport.bootstrap.EnvoyVersion;
import dev.sallyport.bootstrap.SidecarPorts;
import org.jspecify.annotations.Nullable;

/** What the first request of a stream says about its sidecar decides what the stream is. */
sealed interface FirstRequest {
    /** The sidecar can be served. */
    record Served(SidecarNode node, SidecarPorts ports) implements FirstRequest {}

    /** It cannot, which it is told before the first response. */
    record Refused(StreamEnd end, String why) implements FirstRequest {}

    /**
     * Decides. What every supported version of Envoy knows is all that is ever sent, so which of them it is makes no difference.
     *
     * @param reported null when the request has no node: then it is taken for the oldest version that is supported
     */
    static FirstRequest of(@Nullable SidecarNode reported) {
        SidecarNode node = reported == null ? SidecarNode.UNKNOWN : reported;
        EnvoyVersion version = node.envoy().orElse(EnvoyVersion.OLDEST_SUPPORTED);
        if (version.compareTo(EnvoyVersion.OLDEST_SUPPORTED) < 0) {
            return new Refused(
                    StreamEnd.ENVOY_TOO_OLD,
                    "Envoy " + version + " is not supported (expected: " + EnvoyVersion.OLDEST_SUPPORTED
                            + " or newer)");
        }
        try {
            return new Served(node, SidecarPorts.fromMetadata(node.metadata()));
        } catch (IllegalArgumentException e) {
            return new Refused(
                    StreamEnd.BAD_REQUEST, "node.metadata: " + Printable.text(String.valueOf(e.getMessage()), 256));
        }
    }
}
