package dev.sallyport.envoy;

import dev.sallyport.policy.Addresses;

/** Names of the resources of one workload. Whoever defines one and whoever refers to it take it from here. */
public final class ResourceNames {
    /** The listener of the HTTP proxy, and its routes. */
    public static final String PROXY = "proxy";

    /** The listener of captured connections. */
    public static final String CAPTURE = "capture";

    /** The readiness listener. */
    public static final String READY = "ready";

    /** The validation-context secret with the public roots. */
    public static final String PUBLIC_ROOTS = "roots/public";

    static final String CLOSED = "closed";

    /** The internal listener of a port, its routes, and the cluster that leads to it. */
    public static String tls(int port) {
        return "tls/" + port;
    }

    /** The secret with the leaf certificate of an intercepted host. */
    public static String leaf(String host) {
        return "leaf/" + host;
    }

    /** The secret with the whole value of a header. */
    public static String credential(String host, String header) {
        return "credential/" + host + "/" + header;
    }

    /** The cluster that leads to {@link #tls} as a TLS client, for {@code http://} requests to intercepted hosts. */
    static String upgrade(int port) {
        return "upgrade/" + port;
    }

    /** The cluster, and the DNS cache, of all hosts without one of their own. */
    static String shared(Addresses addresses) {
        return addresses == Addresses.Public ? "public" : "any";
    }

    /** As {@link #shared}, for bytes that are TLS already. */
    static String sharedTunnel(Addresses addresses) {
        return addresses == Addresses.Public ? "passthrough" : "passthrough/any";
    }

    /** The cluster of one host. */
    static String host(String pattern) {
        return "host/" + pattern;
    }

    /** As {@link #host}, for bytes that are TLS already. */
    static String hostTunnel(String pattern) {
        return "tunnel/" + pattern;
    }

    /** The form of a cluster that never speaks HTTP/2: a WebSocket handshake needs that. */
    static String http1(String cluster) {
        return cluster + "/http1";
    }

    private ResourceNames() {}
}
