package dev.sallyport.source.kubernetes;

import java.time.Duration;

/** What was answered is older than what is known: a server that lags behind, or was restored from a backup. */
final class BackInTime extends ApiFailure {
    private static final long serialVersionUID = 1L;

    BackInTime(String what, ResourceVersion found, ResourceVersion known) {
        super(
                NO_ANSWER,
                what + " is of version " + found + ", older than " + known + ", which was seen already",
                Duration.ZERO);
    }
}
