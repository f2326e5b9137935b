package dev.sallyport.snapshot;

import java.util.Optional;

/** The four xDS resource types that sidecars are given. */
public enum ResourceType {
    CLUSTER("type.googleapis.com/envoy.config.cluster.v3.Cluster"),
    LISTENER("type.googleapis.com/envoy.config.listener.v3.Listener"),
    ROUTE("type.googleapis.com/envoy.config.route.v3.RouteConfiguration"),
    SECRET("type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret");

    private final String typeUrl;

    ResourceType(String typeUrl) {
        this.typeUrl = typeUrl;
    }

    public String typeUrl() {
        return typeUrl;
    }

    /** The type of that URL; empty when sidecars are not given it. */
    public static Optional<ResourceType> ofUrl(String typeUrl) {
        for (ResourceType type : values()) {
            if (type.typeUrl.equals(typeUrl)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
