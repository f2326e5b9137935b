package dev.sallyport.xds;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a sidecar rejected of the snapshot that it is brought to. */
final class Rejections {
    private static final Comparator<RejectedResource> ORDER =
            Comparator.comparing(RejectedResource::type).thenComparing(RejectedResource::name);

    static List<RejectedResource> of(StreamState state, Instant clock, long now) {
        List<RejectedResource> rejected = new ArrayList<>();
        for (TypeState type : state.types().all()) {
            type.rejections().forEach((name, rejection) -> {
                if (state.isWanted(type.type(), name, rejection.version())) {
                    rejected.add(new RejectedResource(
                            type.type(),
                            name,
                            rejection.version(),
                            rejection.reason(),
                            clock.minusNanos(now - rejection.at())));
                }
            });
        }
        rejected.sort(ORDER);
        return List.copyOf(rejected);
    }

    private Rejections() {}
}
