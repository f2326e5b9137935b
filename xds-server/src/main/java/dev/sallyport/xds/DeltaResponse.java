package dev.sallyport.xds;

import com.google.protobuf.ByteString;
import dev.sallyport.snapshot.ResourceType;
import java.util.List;

/**
 * A {@code DeltaDiscoveryResponse}.
 *
 * @param resources serialised {@code Resource} messages, shared by all streams; they may hold secrets, so this is never printed
 */
record DeltaResponse(
        ResourceType type, String revision, String nonce, List<ByteString> resources, List<String> removed) {
    @Override
    public String toString() {
        return type + " nonce=" + nonce + " resources=" + resources.size() + " removed=" + removed.size();
    }
}
