package dev.sallyport.xds;

import com.google.protobuf.ByteString;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What could go out next of one type, and how it is cut into responses. */
final class Candidates {
    private static final Logger LOG = LoggerFactory.getLogger(Candidates.class);

    private final TypeState state;
    private final List<VersionedResource> resources = new ArrayList<>();
    private final List<VersionedResource> suspects = new ArrayList<>();
    private final List<String> removed = new ArrayList<>();

    Candidates(TypeState state) {
        this.state = state;
    }

    void addIfNeeded(VersionedResource resource) {
        if (state.needs(resource)) {
            (state.isSuspect(resource) ? suspects : resources).add(resource);
        }
    }

    void removeIfNeeded(String name) {
        if (state.needsRemoval(name)) {
            removed.add(name);
        }
    }

    /**
     * The next response: everything that is not suspect, up to {@code maxBytes} (but at least one resource), so that a sidecar that does not read costs little; then the suspects, each alone.
     */
    Optional<Push> push(int maxBytes, long now) {
        resources.sort(Comparator.comparing(VersionedResource::name));
        List<VersionedResource> fitting = fitting(resources, maxBytes, now);
        if (fitting.isEmpty() && removed.isEmpty()) {
            suspects.sort(Comparator.comparing(VersionedResource::name));
            fitting = fitting(suspects, 0, now);
        }
        if (fitting.isEmpty() && removed.isEmpty()) {
            return Optional.empty();
        }
        removed.sort(Comparator.naturalOrder());
        return Optional.of(new Push(state.type(), fitting, List.copyOf(removed)));
    }

    private List<VersionedResource> fitting(List<VersionedResource> from, int maxBytes, long now) {
        List<VersionedResource> fitting = new ArrayList<>();
        long size = 0;
        for (VersionedResource resource : from) {
            Optional<ByteString> bytes = made(resource, now);
            if (bytes.isEmpty()) {
                continue;
            }
            size += bytes.get().size();
            if (!fitting.isEmpty() && size > maxBytes) {
                break;
            }
            fitting.add(resource);
        }
        return fitting;
    }

    /** A resource that cannot be made hurts nobody else; a secret is answered as missing, because silence would keep the sidecar from opening. */
    @SuppressWarnings("IllegalCatch")
    private Optional<ByteString> made(VersionedResource resource, long now) {
        try {
            return Optional.of(resource.bytes());
        } catch (RuntimeException e) {
            // Only the kind of failure: its text could hold what the resource does.
            String failure = e.getClass().getSimpleName();
            LOG.error("{} {} could not be made: {}", state.type(), resource, failure);
            state.reject(resource.name(), resource.version(), "could not be made: " + failure, now);
            if (state.type() == ResourceType.SECRET) {
                removeIfNeeded(resource.name());
            }
            return Optional.empty();
        }
    }
}
