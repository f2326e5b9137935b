package dev.sallyport.cli;

import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Signals during a run: before its command is started they end the run, then they are the command's, and at last nobody's. Thread-safe. */
final class RunSignals {
    private static final Map<String, Integer> NUMBERS = Map.of("HUP", 1, "INT", 2, "KILL", 9, "TERM", 15);

    private @Nullable Consumer<String> command;
    private @Nullable String endedBy;
    private boolean over;

    /** The run was ended by a signal before its command was started. */
    static final class Ended extends RuntimeException {
        private final int exitCode;

        private Ended(String signal) {
            super("ended by SIG" + signal);
            this.exitCode = 128 + NUMBERS.getOrDefault(signal, 15);
        }

        int exitCode() {
            return exitCode;
        }
    }

    /** A signal arrived; KILL never does, but may be asked for. */
    void accept(String signal) {
        Consumer<String> taker;
        synchronized (this) {
            taker = over ? null : command;
            if (command == null && NUMBERS.containsKey(signal)) {
                endedBy = signal;
            }
        }
        if (taker != null) {
            taker.accept(signal);
        }
    }

    /** Throws when a signal has ended the run. */
    synchronized void check() {
        if (endedBy != null) {
            throw new Ended(endedBy);
        }
    }

    /** From now on they are the command's. */
    void passTo(Consumer<String> started) {
        String late;
        synchronized (this) {
            command = started;
            late = endedBy;
        }
        if (late != null) {
            started.accept(late);
        }
    }

    /** From now on they are nobody's: what is left is to clean up. */
    synchronized void commandEnded() {
        over = true;
    }

    /** Does something, unless the command has ended. */
    void ifCommandRuns(Runnable action) {
        boolean runs;
        synchronized (this) {
            runs = command != null && !over;
        }
        if (runs) {
            action.run();
        }
    }
}
