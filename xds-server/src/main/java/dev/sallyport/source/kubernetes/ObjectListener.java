package dev.sallyport.source.kubernetes;

import dev.sallyport.policy.ObjectName;
import java.util.Optional;

/** Hears what a watch makes of its objects, on the loop's thread. An object that was replaced by another of its name is removed and added. */
interface ObjectListener<T> {
    void added(ObjectName name, T object);

    void changed(ObjectName name, T before, T after);

    void removed(ObjectName name, T object);

    /** Everything was told once, or an object that was asked for by name. */
    void synced();

    /** Everything up to {@code version} was told. */
    default void told(ResourceVersion version) {}

    /** What is in the way now, after it changed; empty: nothing. */
    void trouble(Optional<Trouble> trouble);
}
