package dev.sallyport.cli;

import java.util.logging.Level;
import java.util.logging.Logger;

/** What libraries say by java.util.logging, past our own logs. */
final class LibraryLogging {
    /** Held, because java.util.logging forgets the level of a logger that nobody holds. */
    private static final Logger ROOT = Logger.getLogger("");

    private static final Logger GRPC = Logger.getLogger("io.grpc");

    /** gRPC and the JDK's own servers and clients print a stack trace for each connection that ends otherwise than they like; what matters of that is said by whoever uses them. */
    static void quiet() {
        ROOT.setLevel(Level.OFF);
        GRPC.setLevel(Level.OFF);
    }

    private LibraryLogging() {}
}
