package dev.sallyport.cli.machine;

import java.util.List;

/** Command lines. */
final class Commands {
    /** One command line made of several parts. */
    static List<String> join(List<List<String>> parts) {
        return parts.stream().flatMap(List::stream).toList();
    }

    private Commands() {}
}
