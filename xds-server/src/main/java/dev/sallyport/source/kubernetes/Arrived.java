package dev.sallyport.source.kubernetes;

import dev.sallyport.policy.ObjectName;
import java.util.Optional;

/**
 * One object as it arrived, reduced.
 *
 * @param value what is kept of it; empty: nothing, or it is gone
 */
record Arrived<T>(ObjectName name, String uid, ResourceVersion version, Optional<T> value) {
    Arrived<T> gone() {
        return new Arrived<>(name, uid, version, Optional.empty());
    }
}
