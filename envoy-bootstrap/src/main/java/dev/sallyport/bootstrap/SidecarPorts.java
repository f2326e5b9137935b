package dev.sallyport.bootstrap;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Where one sidecar listens. In a Pod these are constants; on a shared machine each sidecar says its own in the metadata of its node.
 *
 * @param proxy port of the HTTP proxy on 127.0.0.1, 1..65535
 * @param capture port of the capture listener on 127.0.0.1 (and ::1 with {@code ipv6}); 0: no capture listener
 * @param readyAddress the address that the readiness listener binds, an IP literal
 * @param ready its port, 1..65535
 * @param ipv6 whether the sidecar's network has IPv6
 */
public record SidecarPorts(int proxy, int capture, String readyAddress, int ready, boolean ipv6) {
    private static final Pattern IP = Pattern.compile("[0-9a-fA-F.:]{2,45}");

    /** What the injector and {@code sallyport sidecar} use unless told otherwise. */
    public static final SidecarPorts DEFAULT = new SidecarPorts(15001, 15006, "::", 15021, true);

    /** The key of a node's metadata. */
    private static final String KEY = "sallyport";

    /** @throws IllegalArgumentException if a port is out of its range or used twice, or the address is no IP literal */
    public SidecarPorts {
        requirePort("proxy", proxy, 1);
        requirePort("capture", capture, 0);
        requirePort("ready", ready, 1);
        if (proxy == capture || proxy == ready || capture == ready) {
            throw new IllegalArgumentException(
                    "proxy, capture and ready: " + proxy + ", " + capture + ", " + ready + " (expected: three ports)");
        }
        if (!IP.matcher(readyAddress).matches()) {
            throw new IllegalArgumentException("ready_address: " + readyAddress + " (expected: an IP address)");
        }
    }

    /** The metadata of a node that listens there. */
    public Struct toMetadata() {
        return struct(
                KEY,
                Value.newBuilder()
                        .setStructValue(Struct.newBuilder()
                                .putFields("capture", number(capture))
                                .putFields(
                                        "ipv6",
                                        Value.newBuilder().setBoolValue(ipv6).build())
                                .putFields("proxy", number(proxy))
                                .putFields("ready", number(ready))
                                .putFields(
                                        "ready_address",
                                        Value.newBuilder()
                                                .setStringValue(readyAddress)
                                                .build()))
                        .build());
    }

    /**
     * What a node's metadata says; {@link #DEFAULT} when it says nothing.
     *
     * @throws IllegalArgumentException if it says anything else than {@link #toMetadata} writes; the message names the field
     */
    public static SidecarPorts fromMetadata(Struct metadata) {
        Value own = metadata.getFieldsMap().get(KEY);
        return own == null ? DEFAULT : new Fields(own).ports();
    }

    private static void requirePort(String name, int port, int least) {
        if (port < least || port > 65_535) {
            throw new IllegalArgumentException(name + ": " + port + " (expected: " + least + "..65535)");
        }
    }

    private static Struct struct(String key, Value value) {
        return Struct.newBuilder().putFields(key, value).build();
    }

    private static Value number(int number) {
        return Value.newBuilder().setNumberValue(number).build();
    }

    /** The fields that are still to be read: every one must be there, and no other. */
    private static final class Fields {
        private final Map<String, Value> left;

        Fields(Value value) {
            if (!value.hasStructValue()) {
                throw malformed("metadata", value, "a struct");
            }
            left = new TreeMap<>(value.getStructValue().getFieldsMap());
        }

        SidecarPorts ports() {
            SidecarPorts ports = new SidecarPorts(
                    port("proxy"), port("capture"), text("ready_address"), port("ready"), flag("ipv6"));
            if (!left.isEmpty()) {
                throw new IllegalArgumentException("unknown fields: " + left.keySet());
            }
            return ports;
        }

        private int port(String name) {
            Value value = take(name);
            int port = (int) value.getNumberValue();
            if (!value.hasNumberValue() || port != value.getNumberValue()) {
                throw malformed(name, value, "an integer");
            }
            return port;
        }

        private String text(String name) {
            Value value = take(name);
            if (!value.hasStringValue()) {
                throw malformed(name, value, "a string");
            }
            return value.getStringValue();
        }

        private boolean flag(String name) {
            Value value = take(name);
            if (!value.hasBoolValue()) {
                throw malformed(name, value, "true or false");
            }
            return value.getBoolValue();
        }

        private Value take(String name) {
            Value value = left.remove(name);
            if (value == null) {
                throw new IllegalArgumentException(name + ": missing");
            }
            return value;
        }

        private static IllegalArgumentException malformed(String name, Value value, String expected) {
            String found = value.toString().strip();
            return new IllegalArgumentException(
                    name + ": " + found.substring(0, Math.min(found.length(), 60)) + " (expected: " + expected + ")");
        }
    }
}
