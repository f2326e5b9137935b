package dev.sallyport.source.kubernetes;

import java.time.Duration;
import java.time.Instant;

/** Runs tasks one after the other, and knows the time. After its end it takes no more, silently. Thread-safe. */
interface EventLoop {
    void execute(Runnable task);

    /** Runs the task now, or behind those that wait already, and returns when it is done. */
    void call(Runnable task);

    Timer after(Duration delay, Runnable task);

    Instant now();

    /** A task for later. */
    @FunctionalInterface
    interface Timer {
        void cancel();
    }
}
