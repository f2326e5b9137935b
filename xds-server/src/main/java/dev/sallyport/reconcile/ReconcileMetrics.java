package dev.sallyport.reconcile;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** What the reconciler counts. Thread-safe. */
final class ReconcileMetrics implements ObjectRequests.WriteListener {
    private final MeterRegistry meters;
    private final Timer passes;

    ReconcileMetrics(MeterRegistry meters) {
        this.meters = meters;
        this.passes = Timer.builder("sallyport.reconciles")
                .description("Time to bring the objects and the status of one workload to what they should be")
                .register(meters);
    }

    void watch(IntSupplier queue, BooleanSupplier leads) {
        Gauge.builder("sallyport.reconcile.queue", queue, IntSupplier::getAsInt)
                .description("Workloads whose objects and status wait to be looked at")
                .strongReference(true)
                .register(meters);
        Gauge.builder("sallyport.leader", leads, lead -> lead.getAsBoolean() ? 1 : 0)
                .description("1: this replica writes objects and status")
                .strongReference(true)
                .register(meters);
    }

    <T> T pass(Supplier<T> pass) {
        T result = passes.record(pass);
        if (result == null) {
            throw new IllegalStateException("a pass has a result");
        }
        return result;
    }

    @Override
    public void wrote(ObjectKey.Kind kind, Result result) {
        Counter.builder("sallyport.kubernetes.writes")
                .description("Writes of objects and status to the API server")
                .tag("resource", kind.resource())
                .tag("result", result.name().toLowerCase(Locale.ROOT))
                .register(meters)
                .increment();
    }
}
