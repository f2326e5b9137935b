package dev.sallyport.image;

import java.util.ArrayList;
import java.util.List;

/** How Java runs in the image. */
final class JavaOptions {
    /** From this version on Java warns on every start of what Netty and Protobuf do; it is theirs to change. */
    private static final int WARNS_OF_UNSAFE = 24;

    static List<String> all() {
        List<String> options = new ArrayList<>(List.of(
                // The heap is small: pauses stay short, and it takes less memory and fewer threads than G1
                // (bench/server-start).
                "-XX:+UseSerialGC",
                // Auto: class data that does not fit costs time, nothing else.
                "-Xshare:auto",
                "-XX:SharedArchiveFile=" + ClassData.FILE,
                "-Xlog:cds=off",
                "-Xlog:class+path=off",
                // Of the container's memory; the rest is for connections, classes, compiled code and threads.
                "-XX:MaxRAMPercentage=50",
                // A process that is out of memory is begun anew, never half alive.
                "-XX:+ExitOnOutOfMemoryError",
                // Memory holds secrets: none of it is written to disk, and nobody attaches.
                "-XX:-HeapDumpOnOutOfMemoryError",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:+ErrorFileToStderr",
                "-XX:+DisableAttachMechanism",
                "-XX:-UsePerfData",
                "-Dfile.encoding=UTF-8",
                "-Duser.timezone=UTC"));
        if (Runtime.version().feature() >= WARNS_OF_UNSAFE) {
            options.add("--enable-native-access=ALL-UNNAMED");
            options.add("--sun-misc-unsafe-memory-access=allow");
        }
        return options;
    }

    private JavaOptions() {}
}
