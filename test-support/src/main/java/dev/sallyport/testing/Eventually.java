package dev.sallyport.testing;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what happens on other threads and in other processes: asks again until it is so, or until a time that no healthy machine needs. */
public final class Eventually {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** What must come true: returns when it does, throws an {@link AssertionError} while it does not. */
    @FunctionalInterface
    public interface Assertion {
        void check() throws Exception;
    }

    /** Returns as soon as the assertion holds; after 20 s throws what it threw last. */
    public static void eventually(Assertion assertion) {
        within(PATIENCE, assertion);
    }

    /** The same with a time of one's own. Any other exception than an {@link AssertionError} ends the wait at once. */
    public static void within(Duration patience, Assertion assertion) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                assertion.check();
                return;
            } catch (AssertionError notYet) {
                if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
                    throw notYet;
                }
            } catch (Exception e) {
                throw new AssertionError("the condition could not be looked at", e);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private Eventually() {}
}
