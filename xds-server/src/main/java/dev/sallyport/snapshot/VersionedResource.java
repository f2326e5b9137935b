package dev.sallyport.snapshot;

import com.google.protobuf.ByteString;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One resource and its version. Equal versions mean equal meaning, on every replica. The bytes are those of an {@code envoy.service.discovery.v3.Resource}
 * (name, version, packed resource), made on first need, once, and shared by every stream. Thread-safe. Never printed: they may hold a secret.
 */
public final class VersionedResource {
    private final String name;
    private final String version;
    private final Supplier<ByteString> maker;
    private volatile @Nullable ByteString bytes;

    public VersionedResource(String name, String version, Supplier<ByteString> maker) {
        this.name = name;
        this.version = version;
        this.maker = maker;
    }

    public String name() {
        return name;
    }

    public String version() {
        return version;
    }

    /** The serialised {@code Resource}. The first call may issue a certificate. */
    public ByteString bytes() {
        ByteString made = bytes;
        if (made == null) {
            synchronized (this) {
                made = bytes;
                if (made == null) {
                    made = maker.get();
                    bytes = made;
                }
            }
        }
        return made;
    }

    @Override
    public String toString() {
        return name + "@" + version;
    }
}
