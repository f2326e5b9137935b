package dev.sallyport.snapshot;

import dev.sallyport.policy.ObjectName;
import dev.sallyport.testing.TestClock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** What {@code bench/control-loop} runs: CPU time, as the kernel counts it, of the thread of the control loop. No test: the build compiles it and does not run it. */
class ControlLoopBench {
    private static final int[] SIZES = {100, 1_000, 5_000};
    private static final int HOSTS = 20;
    private static final int SAMPLES = Integer.getInteger("bench.samples", 9);
    private static final int CHANGES = Integer.getInteger("bench.changes", 200);
    private static final int WARM_UP = Integer.getInteger("bench.warmup", 10);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Medians, by event and size. */
    private final Map<String, Map<Integer, Double>> medians = new TreeMap<>();

    private final List<String> lines = new ArrayList<>();

    @Test
    void measures() throws IOException {
        say("%-34s %10s  samples (ms of CPU)", "", "median");
        for (int size : SIZES) {
            changes(size);
        }
        medians.forEach((event, bySize) -> say(
                "%-34s %10.2f  of %d to %d workloads",
                event + ", ratio",
                bySize.getOrDefault(SIZES[2], 0.0) / bySize.getOrDefault(SIZES[0], 1.0),
                SIZES[2],
                SIZES[0]));
        wholeFleet(1_000, HOSTS);
        wholeFleet(1, 1_000);
        Files.write(Path.of(System.getProperty("bench.output", "target/control-loop-bench.txt")), lines);
    }

    private void changes(int size) {
        Fleet fleet = new Fleet(size, HOSTS).secret(new ObjectName("n0", "unused"), "sk-0");
        TestClock clock = new TestClock(Loop.START);
        MeterRegistry meters = new SimpleMeterRegistry();
        try (ControlLoop loop = new ControlLoop(ControlLoopConfig.DEFAULT, Loop.pki(1, clock), clock, meters)) {
            for (int i = 0; i < size; i++) {
                loop.watch(Fleet.id(i), snapshot -> {});
            }
            loop.start();
            Driver driver = new Driver(loop, fleet, meters);
            driver.change();
            // A prime step, so that the edits go over the whole fleet.
            measure("policy", size, driver, i -> fleet.policy(i * 7 % size, "v" + i / size % 2 + i % 2));
            measure("secret of one workload", size, driver, i -> fleet.secret(Fleet.own(i * 7 % size), "sk-" + i));
            measure("secret of nobody", size, driver, i -> fleet.secret(new ObjectName("n0", "unused"), "sk-" + i));
            measure("nothing (the same again)", size, driver, i -> {});
        }
    }

    private void measure(String event, int size, Driver driver, IntConsumer edit) {
        int changes = 0;
        double[] samples = new double[SAMPLES];
        for (int sample = -WARM_UP; sample < SAMPLES; sample++) {
            long nanos = 0;
            for (int i = 0; i < CHANGES; i++) {
                edit.accept(changes++);
                nanos += driver.change();
            }
            if (sample >= 0) {
                samples[sample] = nanos / 1e6 / CHANGES;
            }
        }
        medians.computeIfAbsent(event, first -> new TreeMap<>())
                .put(size, report(String.format(Locale.ROOT, "%s, %d workloads", event, size), samples));
    }

    /** Hands over one state after the other, and waits for the loop to come to rest after each. */
    private static final class Driver {
        private final ControlLoop loop;
        private final Fleet fleet;
        private final Timer steps;
        private final Thread thread;

        Driver(ControlLoop loop, Fleet fleet, MeterRegistry meters) {
            this.loop = loop;
            this.fleet = fleet;
            this.steps = meters.get("sallyport.compilations").timer();
            this.thread = Thread.getAllStackTraces().keySet().stream()
                    .filter(candidate -> candidate.getName().equals("sallyport-control-loop"))
                    .filter(Thread::isAlive)
                    .findFirst()
                    .orElseThrow();
        }

        /** CPU time in ns that the loop took. */
        long change() {
            long count = steps.count();
            long before = THREADS.getThreadCpuTime(thread.getId());
            loop.accept(fleet.state());
            while (steps.count() == count || thread.getState() == Thread.State.RUNNABLE) {
                Thread.onSpinWait();
            }
            return THREADS.getThreadCpuTime(thread.getId()) - before;
        }
    }

    /** Compiles and translates everything, as a process does that starts. CAs are derived before: that is once in 180 days for a workload, and cached. */
    private void wholeFleet(int workloads, int hosts) {
        Fleet fleet = new Fleet(workloads, hosts);
        double[] samples = new double[SAMPLES];
        for (int sample = -WARM_UP / 2; sample < SAMPLES; sample++) {
            Loop loop = new Loop();
            for (int i = 0; i < workloads; i++) {
                loop.watch(Fleet.id(i), snapshot -> {});
                loop.cas().bundle(Fleet.id(i));
            }
            long before = THREADS.getCurrentThreadCpuTime();
            loop.reconciler.accept(fleet.state(), Loop.START);
            if (sample >= 0) {
                samples[sample] = (THREADS.getCurrentThreadCpuTime() - before) / 1e6;
            }
        }
        report(String.format(Locale.ROOT, "compile + translate, %d x %d hosts", workloads, hosts), samples);
    }

    private double report(String what, double[] samples) {
        double median = DoubleStream.of(samples).sorted().toArray()[samples.length / 2];
        StringBuilder raw = new StringBuilder();
        for (double sample : samples) {
            raw.append(String.format(Locale.ROOT, " %.3f", sample));
        }
        say("%-34s %10.3f %s", what, median, raw);
        return median;
    }

    private void say(String format, Object... values) {
        lines.add(String.format(Locale.ROOT, format, values));
    }
}
