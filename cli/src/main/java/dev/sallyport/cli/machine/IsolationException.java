package dev.sallyport.cli.machine;

import java.io.IOException;

/** The command cannot be isolated. The message says what to do. */
public final class IsolationException extends IOException {
    IsolationException(String message) {
        super(message);
    }
}
