package dev.sallyport.source.kubernetes;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The failures of one watch in a row: how long to wait after each, and from when on somebody should know. For one thread. */
final class Difficulty {
    private final ObjectQuery query;
    private final WatchSettings settings;
    private int failures;
    private int code;
    private String verb = "";
    private Instant since = Instant.EPOCH;
    private Optional<Trouble> trouble = Optional.empty();

    Difficulty(ObjectQuery query, WatchSettings settings) {
        this.query = query;
        this.settings = settings;
    }

    Optional<Trouble> trouble() {
        return trouble;
    }

    /** One more; how long to wait now. {@code synced}: there is something that can stay in force for a while. */
    Duration add(String failed, ApiFailure failure, Instant now, boolean synced) {
        if (failures++ == 0) {
            since = now;
        }
        boolean forbidden = failure.code() == ApiFailure.FORBIDDEN;
        boolean serious = !synced || Duration.between(since, now).compareTo(settings.patience()) >= 0;
        // Once forbidden, no other failure is a permission. The text stays while its cause does.
        boolean told =
                trouble.isPresent() && (failure.code() == code || (trouble.get().forbidden() && !forbidden));
        if (serious && !told) {
            String kept = forbidden || !synced ? "" : "; what was read last stays in force";
            trouble = Optional.of(
                    new Trouble("cannot " + failed + " " + query + ": " + failure.getMessage() + kept, forbidden));
            code = failure.code();
            verb = failed;
        }
        Backoff backoff = forbidden && serious ? settings.forbidden() : settings.backoff();
        return backoff.delay(failures, failure.retryAfter());
    }

    /** Whether there was but one failure in this row: what follows is more of the same. */
    boolean isNew() {
        return failures == 1;
    }

    /** Lists work again; watches are yet to. */
    void listWorks(Instant now) {
        since = now;
        if (verb.equals("list")) {
            trouble = Optional.empty();
        }
    }

    /** All is well. */
    void clear() {
        failures = 0;
        trouble = Optional.empty();
    }
}
