package dev.sallyport.xds;

import dev.sallyport.snapshot.VersionedResource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Takes the names and versions that a sidecar sends from the snapshot where they are equal, so that a fleet that holds the same shares the strings; they are most of what a stream needs. */
final class SharedText {
    static DeltaRequest.Valid of(DeltaRequest.Valid request, Function<String, Optional<VersionedResource>> resources) {
        if (request.subscribe().isEmpty() && request.initialVersions().isEmpty()) {
            return request;
        }
        Map<String, String> versions = new HashMap<>();
        request.initialVersions().forEach((name, version) -> {
            Optional<VersionedResource> resource = resources.apply(name);
            versions.put(
                    resource.map(VersionedResource::name).orElse(name),
                    resource.map(VersionedResource::version)
                            .filter(version::equals)
                            .orElse(version));
        });
        List<String> subscribe = request.subscribe().stream()
                .map(name -> resources.apply(name).map(VersionedResource::name).orElse(name))
                .toList();
        return new DeltaRequest.Valid(
                request.node(),
                request.typeUrl(),
                subscribe,
                request.unsubscribe(),
                versions,
                request.nonce(),
                request.error());
    }

    private SharedText() {}
}
