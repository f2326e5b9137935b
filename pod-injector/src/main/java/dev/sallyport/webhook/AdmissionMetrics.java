package dev.sallyport.webhook;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** What the webhook counts: {@code sallyport_admission_reviews_total} by result, {@code sallyport_admission_seconds}. */
final class AdmissionMetrics {
    private static final String REVIEWS = "sallyport.admission.reviews";

    private final MeterRegistry meters;
    private final Timer time;

    AdmissionMetrics(MeterRegistry meters) {
        this.meters = meters;
        this.time = Timer.builder("sallyport.admission")
                .description("From a complete request to its answer")
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofMillis(4),
                        Duration.ofMillis(10),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1))
                .register(meters);
    }

    void admitted(boolean unchanged, boolean dryRun) {
        count(unchanged ? "unchanged" : "patched", dryRun);
    }

    /** {@code reason} is one of a few. */
    void refused(String reason, boolean dryRun) {
        count(
                switch (reason) {
                    case "Forbidden" -> "refused";
                    case "ServiceUnavailable" -> "not_ready";
                    default -> "misdirected";
                },
                dryRun);
    }

    /** A request that is not answered as one. */
    void rejected(int status) {
        meters.counter("sallyport.admission.rejected", "status", Integer.toString(status))
                .increment();
    }

    void took(Duration duration) {
        time.record(duration);
    }

    private void count(String result, boolean dryRun) {
        meters.counter(REVIEWS, "dry_run", Boolean.toString(dryRun), "result", result)
                .increment();
    }
}
