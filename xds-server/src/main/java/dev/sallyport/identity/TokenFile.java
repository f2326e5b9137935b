package dev.sallyport.identity;

import dev.sallyport.pki.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file, mode 0600, that always holds a token with at least half of its life before it. It is replaced by a rename in its directory, which is what a sidecar watches; there is no line end in it, since Envoy would refuse the
 * header.
 */
public final class TokenFile implements AutoCloseable {
    /** Life of a token unless told otherwise. */
    public static final Duration DEFAULT_TTL = Duration.ofHours(1);

    private static final Logger log = LoggerFactory.getLogger(TokenFile.class);
    private static final Duration MAX_PERIOD = Duration.ofSeconds(30);
    private static final int CHECKS_PER_LIFE = 20;

    private final Path file;
    private final Function<Duration, String> mint;
    private final Duration ttl;
    private final Clock clock;
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "token-file");
        thread.setDaemon(true);
        return thread;
    });

    private Instant minted = Instant.MIN;
    private boolean closed;

    /**
     * Writes nothing yet.
     *
     * @param mint makes a token of the life that it is given
     */
    public TokenFile(Path file, Function<Duration, String> mint, Duration ttl, Clock clock) {
        this.file = file;
        this.mint = mint;
        this.ttl = ttl;
        this.clock = clock;
    }

    /** Writes the first token, and keeps the file fresh until {@link #close}. */
    public void start() throws IOException {
        refresh();
        Duration period = ttl.dividedBy(CHECKS_PER_LIFE);
        long millis = Math.max(1, (period.compareTo(MAX_PERIOD) < 0 ? period : MAX_PERIOD).toMillis());
        // Looks at the clock each time, and does not trust one long delay: clocks are set, and machines sleep.
        Future<?> unused = scheduler.scheduleWithFixedDelay(this::refreshOrWarn, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** Writes a new token where the one in the file is half through its life, or is from the future. */
    synchronized void refresh() throws IOException {
        Instant now = clock.instant();
        if (closed) {
            return;
        }
        if (now.isBefore(minted) || !now.isBefore(halfLife())) {
            AtomicFile.replace(file, mint.apply(ttl).getBytes(StandardCharsets.US_ASCII), AtomicFile.PRIVATE);
            minted = now;
        }
    }

    private Instant halfLife() {
        return minted.equals(Instant.MIN) ? minted : minted.plus(ttl.dividedBy(2));
    }

    private void refreshOrWarn() {
        try {
            refresh();
        } catch (IOException | RuntimeException e) {
            log.warn("token file {}: cannot be written, trying again: {}", file, e.toString());
        }
    }

    /** Ends the thread and removes the file: whoever finds it later has no use for it. */
    @Override
    public void close() throws IOException {
        scheduler.shutdown();
        synchronized (this) {
            closed = true;
            Files.deleteIfExists(file);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
