package dev.sallyport.xds;

import com.google.protobuf.Struct;
import dev.sallyport.bootstrap.EnvoyVersion;
import java.util.Optional;

/**
 * What a sidecar says about itself in the {@code node} of its first request. None of it is proved; the identity comes from the token.
 *
 * @param id a label for logs and status, cut to 128 printable characters
 * @param envoy the version it reports; empty when it reports none
 * @param metadata the {@code sallyport} entry of its metadata only; empty when there is none
 */
record SidecarNode(String id, Optional<EnvoyVersion> envoy, Struct metadata) {
    static final SidecarNode UNKNOWN = new SidecarNode("", Optional.empty(), Struct.getDefaultInstance());
}
