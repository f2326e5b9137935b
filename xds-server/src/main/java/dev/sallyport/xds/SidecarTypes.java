package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import java.util.List;

/** The state of every type on one stream. */
final class SidecarTypes {
    private final TypeState clusters = new TypeState(ResourceType.CLUSTER);
    private final TypeState listeners = new TypeState(ResourceType.LISTENER);
    private final TypeState routes = new TypeState(ResourceType.ROUTE);
    private final TypeState secrets = new TypeState(ResourceType.SECRET);

    TypeState clusters() {
        return clusters;
    }

    TypeState listeners() {
        return listeners;
    }

    TypeState routes() {
        return routes;
    }

    TypeState secrets() {
        return secrets;
    }

    TypeState of(ResourceType type) {
        return switch (type) {
            case CLUSTER -> clusters;
            case LISTENER -> listeners;
            case ROUTE -> routes;
            case SECRET -> secrets;
        };
    }

    /** Of types that nobody asks what changed of. */
    void forgetChanges() {
        all().forEach(TypeState::takeChanged);
    }

    List<TypeState> all() {
        return List.of(clusters, listeners, routes, secrets);
    }
}
