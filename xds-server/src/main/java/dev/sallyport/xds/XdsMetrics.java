package dev.sallyport.xds;

import dev.sallyport.snapshot.ResourceType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** What the server counts. Every label has few values; none comes from a client. */
final class XdsMetrics {
    private static final String PREFIX = "sallyport.xds.";

    private final MeterRegistry meters;
    private final Map<ResourceType, ByType> byType = new EnumMap<>(ResourceType.class);
    private final Counter bytes;
    private final Counter throttled;
    private final Timer converged;

    XdsMetrics(MeterRegistry meters, SidecarRegistry sidecars) {
        this.meters = meters;
        for (ResourceType type : ResourceType.values()) {
            byType.put(type, new ByType(meters, type.name().toLowerCase(Locale.ROOT)));
        }
        this.bytes = meters.counter(PREFIX + "sent.bytes");
        this.throttled = meters.counter(PREFIX + "throttled");
        this.converged = meters.timer(PREFIX + "converged");
        meters.gauge(PREFIX + "streams", sidecars, SidecarRegistry::count);
    }

    /**
     * What connections and their streams hold at the moment.
     *
     * @param buffers bytes in buffers of connections: what was received and not read yet, and what is being written
     * @param large bytes of responses that are larger than a stream may have waiting
     */
    void held(IntSupplier connections, LongSupplier buffers, LongSupplier large) {
        Gauge.builder(PREFIX + "connections", connections::getAsInt).register(meters);
        Gauge.builder(PREFIX + "buffers", buffers::getAsLong).baseUnit("bytes").register(meters);
        Gauge.builder(PREFIX + "large.responses", large::getAsLong)
                .baseUnit("bytes")
                .register(meters);
    }

    private static final class ByType {
        private final Counter responses;
        private final Counter resources;
        private final Counter absent;
        private final Counter acks;
        private final Counter nacks;
        private final Timer acknowledged;

        ByType(MeterRegistry meters, String type) {
            this.responses = meters.counter(PREFIX + "responses", "type", type);
            this.resources = meters.counter(PREFIX + "resources", "type", type);
            this.absent = meters.counter(PREFIX + "removed", "type", type);
            this.acks = meters.counter(PREFIX + "acks", "type", type);
            this.nacks = meters.counter(PREFIX + "nacks", "type", type);
            this.acknowledged = meters.timer(PREFIX + "acknowledged", "type", type);
        }
    }

    void sent(Push push, int size) {
        ByType counters = counters(push.type());
        counters.responses.increment();
        counters.resources.increment(push.resources().size());
        counters.absent.increment(push.removed().size());
        bytes.increment(size);
    }

    void replied(ResourceType type, Reply reply, long now) {
        ByType counters = counters(type);
        (reply.acknowledged() ? counters.acks : counters.nacks).increment();
        counters.acknowledged.record(Duration.ofNanos(now - reply.sentAt()));
    }

    /** A sidecar holds a snapshot completely, so long after the stream was told of it. */
    void converged(long nanos) {
        converged.record(Duration.ofNanos(nanos));
    }

    void throttled() {
        throttled.increment();
    }

    /** A stream was refused before its first response. */
    void refused(String code) {
        meters.counter(PREFIX + "refused", "code", code).increment();
    }

    /** A stream that was served ended. */
    void ended(StreamEnd end) {
        meters.counter(PREFIX + "ended", "reason", end.label()).increment();
    }

    /** A connection was closed before it showed a token, by us or, with the reason {@code gone}, by HTTP/2, TLS or its other end. */
    void connectionRefused(String reason) {
        meters.counter(PREFIX + "connections.refused", "reason", reason).increment();
    }

    private ByType counters(ResourceType type) {
        ByType counters = byType.get(type);
        if (counters == null) {
            throw new IllegalStateException("no counters for " + type);
        }
        return counters;
    }
}
