package dev.sallyport.source.kubernetes;

import dev.sallyport.source.kubernetes.SourceHealth.Watched;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What watches do, by resource: there are as many series as kinds that are watched, however many namespaces there are. Thread-safe. */
final class SourceMetrics {
    private static final String RESOURCE = "resource";
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;
    private static final double MILLIS = 1_000;

    private final MeterRegistry meters;
    private final SourceHealth health;
    private final Set<String> resources = ConcurrentHashMap.newKeySet();

    SourceMetrics(MeterRegistry meters, SourceHealth health) {
        this.meters = meters;
        this.health = health;
    }

    void watching(String resource) {
        if (!resources.add(resource)) {
            return;
        }
        Gauge.builder("sallyport.source.age", () -> age(resource))
                .description("For how long the watch that has waited longest has heard nothing")
                .baseUnit("seconds")
                .tag(RESOURCE, resource)
                .strongReference(true)
                .register(meters);
        Gauge.builder("sallyport.source.watches", () -> health.count(resource))
                .description("Watches, one for each namespace or one for all")
                .tag(RESOURCE, resource)
                .strongReference(true)
                .register(meters);
        Gauge.builder("sallyport.source.forbidden", () -> count(health.forbidden(), resource))
                .description("Watches without the rights for what they watch")
                .tag(RESOURCE, resource)
                .strongReference(true)
                .register(meters);
    }

    /** Nothing is watched, or nothing may be: no number. */
    private double age(String resource) {
        OptionalDouble oldest = health.ages().entrySet().stream()
                .filter(entry -> entry.getKey().resource().equals(resource))
                .mapToDouble(entry -> entry.getValue().toMillis() / MILLIS)
                .max();
        return oldest.orElse(Double.NaN);
    }

    private static long count(Map<Watched, String> watches, String resource) {
        return watches.keySet().stream()
                .filter(watched -> watched.resource().equals(resource))
                .count();
    }

    void listed(String resource) {
        Counter.builder("sallyport.source.lists")
                .description(
                        "Lists of everything that were accepted: one at the start, and one whenever a watch could not go on")
                .tag(RESOURCE, resource)
                .register(meters)
                .increment();
    }

    void failed(String resource, ApiFailure failure) {
        Counter.builder("sallyport.source.failures")
                .description("Lists and watches that failed")
                .tag(RESOURCE, resource)
                .tag("reason", reason(failure))
                .register(meters)
                .increment();
    }

    private static String reason(ApiFailure failure) {
        if (failure instanceof BackInTime) {
            return "back_in_time";
        }
        return switch (failure.code()) {
            case ApiFailure.NO_ANSWER -> "no_answer";
            case HttpURLConnection.HTTP_UNAUTHORIZED -> "unauthorized";
            case ApiFailure.FORBIDDEN -> "forbidden";
            case ApiFailure.GONE -> "gone";
            case TOO_MANY_REQUESTS -> "throttled";
            default -> failure.code() >= SERVER_ERROR ? "server_error" : "other";
        };
    }
}
