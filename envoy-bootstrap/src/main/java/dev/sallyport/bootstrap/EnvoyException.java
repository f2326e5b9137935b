package dev.sallyport.bootstrap;

import java.io.IOException;

/** Envoy cannot be found, fetched, started or did not become ready. The message is one for the person at the terminal and says what to do. */
public final class EnvoyException extends IOException {
    EnvoyException(String message) {
        super(message);
    }

    EnvoyException(String message, Throwable cause) {
        super(message, cause);
    }
}
