package dev.sallyport.envoy;

import com.google.protobuf.UInt32Value;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The listeners that bind a port, so the only ones that differ between sidecars of one workload. */
public final class EntryListeners {
    /** Bytes that a slow peer may make the sidecar hold, each way. */
    static final UInt32Value BUFFER = Envoy.uint32(32_768);

    /**
     * All that they are made of, apart from the ports of the sidecar: equal bases have equal listeners.
     *
     * @param internal ports that have an internal listener
     */
    public record Basis(PolicyId id, SortedSet<Integer> internal) {
        public Basis {
            internal = Collections.unmodifiableSortedSet(new TreeSet<>(internal));
        }

        public static Basis of(WorkloadModel model) {
            return new Basis(model.id(), new Entries(model).ports());
        }
    }

    /** {@code proxy}, {@code ready}, and {@code capture} where the sidecar has a port for it, by name. */
    public static SortedMap<String, Listener> of(WorkloadModel model, SidecarPorts ports) {
        return of(Basis.of(model), ports);
    }

    /** The same, of less. */
    public static SortedMap<String, Listener> of(Basis basis, SidecarPorts ports) {
        SortedMap<String, Listener> listeners = new TreeMap<>();
        listeners.put(ResourceNames.PROXY, ProxyListener.of(basis.id(), ports));
        listeners.put(ResourceNames.READY, ReadyListener.of(ports));
        if (ports.capture() != 0) {
            listeners.put(ResourceNames.CAPTURE, CaptureListener.of(basis, ports));
        }
        return Collections.unmodifiableSortedMap(listeners);
    }

    private EntryListeners() {}
}
