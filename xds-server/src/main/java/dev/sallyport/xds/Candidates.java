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
     * The next responses. As much as fits goes into one (but at least one resource, if nothing is on its way), so that a sidecar that does not read costs little; or, of secrets, into responses of their own. When there is nothing else, one suspect alone.
     */
    List<Push> pushes(long room, long now) {
        resources.sort(Comparator.comparing(VersionedResource::name));
        List<VersionedResource> fitting = fitting(resources, room, now);
        if (fitting.isEmpty() && removed.isEmpty()) {
            suspects.sort(Comparator.comparing(VersionedResource::name));
            fitting = fitting(suspects, 0, now);
        }
        removed.sort(Comparator.naturalOrder());
        return state.isOneByOne() ? apart(fitting) : together(fitting);
    }

    private List<Push> together(List<VersionedResource> fitting) {
        return fitting.isEmpty() && removed.isEmpty()
                ? List.of()
                : List.of(new Push(state.type(), fitting, List.copyOf(removed)));
    }

    private List<Push> apart(List<VersionedResource> fitting) {
        List<Push> pushes = new ArrayList<>();
        if (!removed.isEmpty()) {
            pushes.add(new Push(state.type(), List.of(), List.copyOf(removed)));
        }
        fitting.forEach(resource -> pushes.add(new Push(state.type(), List.of(resource), List.of())));
        return pushes;
    }

    private List<VersionedResource> fitting(List<VersionedResource> from, long room, long now) {
        List<VersionedResource> fitting = new ArrayList<>();
        long size = 0;
        for (VersionedResource resource : from) {
            Optional<ByteString> bytes = made(resource, now);
            if (bytes.isEmpty()) {
                continue;
            }
            size += bytes.get().size();
            if (size > room && (!fitting.isEmpty() || state.isAnythingOnItsWay())) {
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
