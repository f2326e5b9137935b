package dev.sallyport.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What a command left running. Its processes are known by a variable of their environment, which they inherit however far they have gone. */
final class Orphans {
    /** Names the run that a process belongs to. */
    static final String VARIABLE = "SALLYPORT_RUN";

    private static final long PATIENCE_MILLIS = 2_000;
    private static final long POLL_MILLIS = 20;

    /** Ends every process of that run: SIGTERM, after two seconds SIGKILL. */
    static void end(String run) {
        List<ProcessHandle> left = find(run);
        left.forEach(ProcessHandle::destroy);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (!left.isEmpty() && System.nanoTime() < deadline && pause()) {
            left = find(run);
        }
        for (int round = 0; !left.isEmpty() && round < 10; round++) {
            left.forEach(ProcessHandle::destroyForcibly);
            left = pause() ? find(run) : List.of();
        }
    }

    private static List<ProcessHandle> find(String run) {
        String marker = "\0" + VARIABLE + "=" + run + "\0";
        long self = ProcessHandle.current().pid();
        return ProcessHandle.allProcesses()
                .filter(process -> process.pid() != self)
                .filter(process -> environment(process.pid())
                        .map(text -> text.contains(marker))
                        .orElse(false))
                .toList();
    }

    /** Empty: it is gone, or somebody else's, and so not of this run. */
    private static Optional<String> environment(long pid) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "environ"));
            return Optional.of("\0" + new String(bytes, StandardCharsets.ISO_8859_1) + "\0");
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Orphans() {}
}
