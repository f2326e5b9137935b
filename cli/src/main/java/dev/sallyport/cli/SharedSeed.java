package dev.sallyport.cli;

import dev.sallyport.pki.RootSeed;
import dev.sallyport.reconcile.RootSeedSecret;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The root seed of a cluster, waited for: an API server that is away, or rights that come a moment later, must not make a replica restart for ever. */
final class SharedSeed {
    private static final Logger LOG = LoggerFactory.getLogger(SharedSeed.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final RootSeedSecret secret;
    private volatile String problem = "the root seed was not read yet";

    SharedSeed(RootSeedSecret secret) {
        this.secret = secret;
    }

    /**
     * Asks until it is there.
     *
     * @param end waiting ends with it
     * @return empty: {@code end} came first
     * @throws UserError when what is there is no root seed
     */
    Optional<RootSeed> await(CountDownLatch end) throws InterruptedException {
        Duration pause = Duration.ofMillis(500);
        do {
            try {
                return Optional.of(secret.loadOrCreate());
            } catch (RootSeedSecret.MalformedException e) {
                throw new UserError(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                tell(String.valueOf(e.getMessage()));
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        } while (!end.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        return Optional.empty();
    }

    /** Why it is not there yet; one line. */
    String problem() {
        return problem;
    }

    private void tell(String line) {
        if (!line.equals(problem)) {
            LOG.warn("{}; trying again", line);
        }
        problem = line;
    }
}
