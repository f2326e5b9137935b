package dev.sallyport.cli;

import java.util.logging.Level;
import java.util.logging.Logger;

/** What libraries say by java.util.logging, past our own logs. */
final class LibraryLogging {
    /** Held, because java.util.logging forgets the level of a logger that nobody holds. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    /** gRPC prints a stack trace for each connection that ends otherwise than it likes; what matters of that the xDS server says itself. */
    static void quiet() {
        GRPC.setLevel(Level.OFF);
    }

    private LibraryLogging() {}
}
