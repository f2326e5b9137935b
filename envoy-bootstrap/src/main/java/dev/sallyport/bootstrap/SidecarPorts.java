package dev.sallyport.bootstrap;

/**
 * Where one sidecar listens. In a Pod these are constants; on a shared machine each sidecar says its own in the metadata of its node.
 *
 * @param proxy port of the HTTP proxy on 127.0.0.1, 1..65535
 * @param capture port of the capture listener on 127.0.0.1 (and ::1 with {@code ipv6}); 0: no capture listener
 * @param readyAddress the address that the readiness listener binds
 * @param ready its port, 1..65535
 * @param ipv6 whether the sidecar's network has IPv6
 */
public record SidecarPorts(int proxy, int capture, String readyAddress, int ready, boolean ipv6) {
    /** What the injector and {@code sallyport sidecar} use unless told otherwise. */
    public static final SidecarPorts DEFAULT = new SidecarPorts(15001, 15006, "::", 15021, true);
}
