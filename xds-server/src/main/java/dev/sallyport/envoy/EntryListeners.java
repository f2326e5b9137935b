package dev.sallyport.envoy;

import com.google.protobuf.UInt32Value;
import dev.sallyport.bootstrap.SidecarPorts;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** The listeners that bind a port, so the only ones that differ between sidecars of one workload. */
public final class EntryListeners {
    /** Bytes that a slow peer may make the sidecar hold, each way. */
    static final UInt32Value BUFFER = Envoy.uint32(32_768);

    /** {@code proxy}, {@code ready}, and {@code capture} where the sidecar has a port for it, by name. */
    public static SortedMap<String, Listener> of(WorkloadModel model, SidecarPorts ports) {
        SortedMap<String, Listener> listeners = new TreeMap<>();
        listeners.put(ResourceNames.PROXY, ProxyListener.of(model.id(), ports));
        listeners.put(ResourceNames.READY, ReadyListener.of(ports));
        if (ports.capture() != 0) {
            listeners.put(ResourceNames.CAPTURE, CaptureListener.of(model, ports));
        }
        return Collections.unmodifiableSortedMap(listeners);
    }

    private EntryListeners() {}
}
