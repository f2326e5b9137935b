package dev.sallyport.source.kubernetes;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;

/** A loop whose time only a test moves. For the test's thread. */
final class FakeLoop implements EventLoop {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Due> timers =
            new PriorityQueue<>(Comparator.comparing(Due::at).thenComparing(Due::number));
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long number;

    private record Due(Instant at, long number, Runnable task) {}

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void call(Runnable task) {
        task.run();
        run();
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        Due due = new Due(now.plus(delay), number++, task);
        timers.add(due);
        return () -> timers.remove(due);
    }

    @Override
    public Instant now() {
        return now;
    }

    /** Runs what waits. */
    void run() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    /** Lets time pass, and what is due happen at its time. */
    void advance(Duration duration) {
        Instant end = now.plus(duration);
        run();
        while (!timers.isEmpty() && !timers.peek().at().isAfter(end)) {
            Due due = timers.remove();
            now = due.at();
            due.task().run();
            run();
        }
        now = end;
    }
}
