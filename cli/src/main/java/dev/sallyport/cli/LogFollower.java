package dev.sallyport.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads a file of lines that grows, and is begun anew now and then. */
final class LogFollower {
    static final long PERIOD_MILLIS = 200;
    private static final int MOST_AT_ONCE = 1 << 20;

    private final Path file;
    private long position;
    private String rest = "";

    LogFollower(Path file) {
        this.file = file;
    }

    /** The whole lines since the last call, all of them. */
    List<String> newLines() throws IOException {
        StringBuilder text = new StringBuilder(rest);
        for (String more = read(); !more.isEmpty(); more = read()) {
            text.append(more);
        }
        int end = text.lastIndexOf("\n") + 1;
        rest = text.substring(end);
        byte[] whole = text.substring(0, end).getBytes(StandardCharsets.ISO_8859_1);
        return new String(whole, StandardCharsets.UTF_8).lines().toList();
    }

    private String read() throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            if (log.length() < position) {
                position = 0; // begun anew
            }
            log.seek(position);
            byte[] bytes = new byte[(int) Math.min(MOST_AT_ONCE, log.length() - position)];
            log.readFully(bytes);
            position += bytes.length;
            // A character may be cut in two here; a line is decoded when it is whole.
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
