package dev.sallyport.cli;

import java.io.IOException;
import java.util.Optional;

/** What {@code xds-server} runs. {@link #start} begins to serve, {@link #close} ends in order. */
interface ControlPlaneService extends AutoCloseable {
    /** Begins to serve; returns when it listens. */
    void start() throws IOException;

    /** The port that sidecars connect to, once started. */
    int listenPort();

    /** Why it should not be sent sidecars, one line; empty: it should. Any thread, at any time. */
    Optional<String> notReady();

    /** What a person should know though it is ready, one line; empty: nothing. Any thread, at any time. */
    default Optional<String> remark() {
        return Optional.empty();
    }

    @Override
    void close() throws IOException;
}
