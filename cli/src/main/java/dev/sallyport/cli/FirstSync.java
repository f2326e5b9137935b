package dev.sallyport.cli;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The moment from which a control plane serves: everything was read and compiled once. */
final class FirstSync {
    private static final long POLL_MILLIS = 5;

    private final StandaloneControlPlane controlPlane;
    private final Duration patience;

    FirstSync(StandaloneControlPlane controlPlane, Duration patience) {
        this.controlPlane = controlPlane;
        this.patience = patience;
    }

    /** Waits for it. {@code check} is called again and again, and may throw. */
    void await(Runnable check) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!controlPlane.status().synced()) {
            check.run();
            if (System.nanoTime() > deadline) {
                throw new UserError("the policies could not be read within " + patience.toSeconds() + " s");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }
}
