package dev.sallyport.reconcile;

import java.time.Duration;
import java.util.Optional;

/** What came of one wish. */
sealed interface Outcome {
    /** It is so already; nothing was written. */
    record Unchanged() implements Outcome {}

    /** It is so now. */
    record Written() implements Outcome {}

    /** Another replica writes. */
    record NotLeading() implements Outcome {}

    /** Not yet: writes of this object are spaced. */
    record Later(Duration in) implements Outcome {}

    /** Somebody else's object has the name, and is left alone. It is looked at again after {@code retryIn}: no watch shows it. */
    record Foreign(String line, Duration retryIn) implements Outcome {}

    /** It did not work, and is worth another try after {@code retryIn}. */
    record Failed(String line, Duration retryIn) implements Outcome {}

    /** What a person should know: one line. */
    default Optional<String> problem() {
        if (this instanceof Foreign foreign) {
            return Optional.of(foreign.line());
        }
        return this instanceof Failed failed ? Optional.of(failed.line()) : Optional.empty();
    }

    /** After which time it is worth another try, though nothing has changed that is watched. */
    default Optional<Duration> again() {
        if (this instanceof Later later) {
            return Optional.of(later.in());
        }
        if (this instanceof Foreign foreign) {
            return Optional.of(foreign.retryIn());
        }
        return this instanceof Failed failed ? Optional.of(failed.retryIn()) : Optional.empty();
    }

    /** Whether it is now as it should be. */
    default boolean isDone() {
        return this instanceof Unchanged || this instanceof Written;
    }
}
