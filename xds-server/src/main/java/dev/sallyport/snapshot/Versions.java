package dev.sallyport.snapshot;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import dev.sallyport.pki.KeyedHash;
import dev.sallyport.pki.RootSeed;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;

/**
 * Versions of resources and revisions of workloads: keyed hashes of content, so that equal content has an equal version on every replica with the same seed and after every restart, and nobody without the seed can try out
 * short secrets against one. Thread-safe.
 */
final class Versions {
    private final KeyedHash resources;
    private final KeyedHash revisions;

    Versions(RootSeed seed) {
        resources = seed.hmac("resource version");
        revisions = seed.hmac("workload revision");
    }

    /** The version of a resource with that content. */
    String of(ResourceType type, String name, ByteString content) {
        return resources
                .begin()
                .add(type.name())
                .add(name)
                .add(content.asReadOnlyByteBuffer())
                .hex();
    }

    /** One hash over the names and versions of everything that a workload's sidecars hold. */
    String revision(List<Collection<VersionedResource>> everything) {
        KeyedHash.Computation revision = revisions.begin();
        for (Collection<VersionedResource> resources : everything) {
            revision.add(resources.size());
            resources.forEach(resource -> revision.add(resource.name()).add(resource.version()));
        }
        return revision.hex();
    }

    /** The bytes of a message; maps in the order of their keys. */
    static ByteString serialised(Message message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    /** A resource as it travels. */
    static ByteString envelope(ResourceType type, String name, String version, ByteString content) {
        return serialised(Resource.newBuilder()
                .setName(name)
                .setVersion(version)
                .setResource(Any.newBuilder().setTypeUrl(type.typeUrl()).setValue(content))
                .build());
    }
}
