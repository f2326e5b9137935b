package dev.sallyport.xds;

import com.google.protobuf.ByteString;
import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.snapshot.VersionedResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What could go out next of one type, and how it is cut into responses: as much as there is room for goes into one (but at least one resource, if nothing is on its way), so that a sidecar that does not read costs little; or, of
 * secrets, into responses of their own. When there is nothing else, one suspect alone.
 */
final class Candidates {
    private static final Logger LOG = LoggerFactory.getLogger(Candidates.class);

    private final TypeState state;
    private final long room;
    private final long now;
    private final List<VersionedResource> fitting = new ArrayList<>();
    private final SortedSet<String> removed = new TreeSet<>();
    private @Nullable VersionedResource suspect;
    private long size;
    private long removedSize;
    private boolean full;

    Candidates(TypeState state, long room, long now) {
        this.state = state;
        this.room = room;
        this.now = now;
    }

    /** Whether there is no room for more of them: adding more changes nothing. */
    boolean isFull() {
        return full;
    }

    /** Adds it if the sidecar has to be sent it and it fits. Call in the order of the names. */
    void addIfNeeded(VersionedResource resource) {
        if (full || !state.needs(resource)) {
            return;
        }
        if (state.isSuspect(resource)) {
            suspect = suspect == null ? resource : suspect;
            return;
        }
        made(resource).filter(bytes -> fits(bytes.size())).ifPresent(bytes -> fitting.add(resource));
    }

    /** Adds a name that the sidecar has to be told is none, as long as names alone do not take all the room. */
    void removeIfNeeded(String name) {
        if (state.needsRemoval(name) && removedSize < room && removed.add(name)) {
            removedSize += name.length();
        }
    }

    private boolean fits(int bytes) {
        size += bytes;
        full = size > room && (!fitting.isEmpty() || state.isAnythingOnItsWay());
        return !full;
    }

    List<Push> pushes() {
        if (fitting.isEmpty() && removed.isEmpty() && suspect != null && !state.isAnythingOnItsWay()) {
            VersionedResource alone = suspect;
            made(alone).ifPresent(bytes -> fitting.add(alone));
        }
        return state.isOneByOne() ? apart() : together();
    }

    private List<Push> together() {
        return fitting.isEmpty() && removed.isEmpty()
                ? List.of()
                : List.of(new Push(state.type(), List.copyOf(fitting), List.copyOf(removed)));
    }

    private List<Push> apart() {
        List<Push> pushes = new ArrayList<>();
        if (!removed.isEmpty()) {
            pushes.add(new Push(state.type(), List.of(), List.copyOf(removed)));
        }
        fitting.forEach(resource -> pushes.add(new Push(state.type(), List.of(resource), List.of())));
        return pushes;
    }

    /** A resource that cannot be made hurts nobody else; a secret is answered as missing, because silence would keep the sidecar from opening. */
    @SuppressWarnings("IllegalCatch")
    private Optional<ByteString> made(VersionedResource resource) {
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
