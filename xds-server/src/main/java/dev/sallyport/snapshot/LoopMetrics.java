package dev.sallyport.snapshot;

import dev.sallyport.policy.CompiledPolicy;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** What the control loop counts. */
final class LoopMetrics {
    private final Timer compilations;
    private final Timer translations;
    private final Counter policies;
    private final Counter looks;
    private final Counter published;
    private final Counter certificatesIssued;
    private final Counter failures;
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger rejected = new AtomicInteger();

    LoopMetrics(MeterRegistry meters) {
        compilations = Timer.builder("sallyport.compilations")
                .description("Time from a state of the source to the last snapshot")
                .register(meters);
        translations = Timer.builder("sallyport.translations")
                .description("Time to translate one workload into Envoy resources")
                .register(meters);
        policies = Counter.builder("sallyport.policies.compiled")
                .description("Workloads whose documents were compiled")
                .register(meters);
        looks = Counter.builder("sallyport.workloads.examined")
                .description("Workloads that a change, a sidecar or the clock made the control loop look at")
                .register(meters);
        published = Counter.builder("sallyport.snapshots.published")
                .description("Workload snapshots that differed from the one before")
                .register(meters);
        certificatesIssued = Counter.builder("sallyport.certificates.issued")
                .description("Leaf certificates issued")
                .register(meters);
        failures = Counter.builder("sallyport.loop.failures")
                .description(
                        "Faults of the control plane itself; the workload denies everything, or what was in force stays")
                .register(meters);
        meters.gauge("sallyport.workloads.accepted", accepted);
        meters.gauge("sallyport.workloads.rejected", rejected);
    }

    void compiled(Runnable compilation) {
        compilations.record(compilation);
    }

    <T> T translated(Supplier<T> translation) {
        T result = translations.record(translation);
        if (result == null) {
            throw new IllegalStateException("a translation has a result");
        }
        return result;
    }

    CompiledPolicy policyCompiled(CompiledPolicy policy) {
        policies.increment();
        return policy;
    }

    void lookedAt() {
        looks.increment();
    }

    void published() {
        published.increment();
    }

    void failed() {
        failures.increment();
    }

    void workloads(int acceptedNow, int rejectedNow) {
        accepted.set(acceptedNow);
        rejected.set(rejectedNow);
    }

    Counter certificatesIssued() {
        return certificatesIssued;
    }
}
