package dev.sallyport.cli;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The moment from which a control plane serves: everything was read and compiled once. */
final class FirstSync {
    private static final long POLL_MILLIS = 5;

    private final BooleanSupplier synced;
    private final Duration patience;

    FirstSync(StandaloneControlPlane controlPlane, Duration patience) {
        this(() -> controlPlane.status().synced(), patience);
    }

    FirstSync(BooleanSupplier synced, Duration patience) {
        this.synced = synced;
        this.patience = patience;
    }

    /** Waits for it. {@code check} is called again and again, and may throw. */
    void await(Runnable check) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!synced.getAsBoolean()) {
            check.run();
            if (System.nanoTime() > deadline) {
                throw new UserError("the policies could not be read within " + patience.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }
}
