package dev.sallyport.cli;

import java.io.PrintStream;
import java.util.HashSet;
import java.util.Set;

/** Says each distinct refusal once. For one thread. */
final class DenialPrinter {
    /** Enough for every policy, and a bound on what a hostile command can make us keep and print. */
    private static final int MOST = 200;

    private final PrintStream err;
    private final Set<String> said = new HashSet<>();

    DenialPrinter(PrintStream err) {
        this.err = err;
    }

    /** Takes one line of the access log; what was served is passed over. */
    void accept(AccessLogLine line) {
        if (line.reason().isEmpty() || said.size() > MOST) {
            return;
        }
        String text = DenialText.of(line);
        if (said.size() == MOST) {
            err.println("sallyport: more denials are not printed; 'sallyport denials' has them all");
            said.add(text);
        } else if (said.add(text)) {
            err.println("sallyport: " + text);
        }
    }
}
