package dev.sallyport.cli;

import java.io.PrintStream;

/** What only somebody who looks for a fault wants to see: printed when {@code SALLYPORT_DEBUG} is set. */
final class DebugOutput {
    static boolean isOn() {
        return System.getenv("SALLYPORT_DEBUG") != null;
    }

    static void print(PrintStream err, String origin, String line) {
        if (isOn()) {
            err.println(origin + ": " + line);
        }
    }

    private DebugOutput() {}
}
