package dev.sallyport.xds;

import dev.sallyport.identity.WorkloadIdentity;
import dev.sallyport.policy.PolicyId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The sidecars that are connected to this process. Thread-safe. */
public final class SidecarRegistry {
    private static final Comparator<SidecarStatus> ORDER = Comparator.comparing(SidecarStatus::workload)
            .thenComparing(SidecarStatus::sidecar)
            .thenComparing(SidecarStatus::since)
            .thenComparing(SidecarStatus::nodeId);

    private final Set<SidecarStream> streams = ConcurrentHashMap.newKeySet();
    private final Map<Key, Integer> streamsOf = new ConcurrentHashMap<>();

    private record Key(PolicyId workload, String sidecar) {
        static Key of(WorkloadIdentity identity) {
            return new Key(identity.workload(), identity.sidecar());
        }
    }

    SidecarRegistry() {}

    /** All connected sidecars, sorted by workload and sidecar. One that reconnects may be here twice for a moment. */
    public List<SidecarStatus> sidecars() {
        return streams.stream().map(SidecarStream::status).sorted(ORDER).toList();
    }

    /** Takes one of the sidecar's places; false when it has {@code most} streams already. */
    boolean reserve(WorkloadIdentity identity, int most) {
        boolean[] reserved = new boolean[1];
        streamsOf.compute(Key.of(identity), (key, count) -> {
            int open = count == null ? 0 : count;
            reserved[0] = open < most;
            return reserved[0] ? Integer.valueOf(open + 1) : count;
        });
        return reserved[0];
    }

    void add(SidecarStream stream) {
        streams.add(stream);
    }

    /** Forgets a stream and gives its place back. */
    void remove(SidecarStream stream) {
        if (streams.remove(stream)) {
            streamsOf.computeIfPresent(
                    Key.of(stream.identity()), (key, count) -> count == 1 ? null : Integer.valueOf(count - 1));
        }
    }

    List<SidecarStream> streams() {
        return List.copyOf(streams);
    }

    int count() {
        return streams.size();
    }
}
