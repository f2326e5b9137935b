package dev.sallyport.bootstrap;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last lines of something that goes on for ever. */
final class RecentLines {
    private final int limit;
    private final Deque<String> lines = new ArrayDeque<>();

    RecentLines(int limit) {
        this.limit = limit;
    }

    synchronized void add(String line) {
        if (lines.size() == limit) {
            lines.removeFirst();
        }
        lines.addLast(line);
    }

    synchronized String text() {
        return String.join("\n", lines);
    }
}
