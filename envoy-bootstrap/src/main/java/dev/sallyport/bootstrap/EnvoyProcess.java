package dev.sallyport.bootstrap;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running Envoy. It never outlives this process, however this process ends, it is out of reach of the terminal's signals, and it writes no core dump (a core would hold credentials). Safe for use by
 * several threads.
 */
public final class EnvoyProcess implements AutoCloseable {
    /**
     * The first process becomes Envoy. The second holds the other end of a pipe that nobody writes to: it reads its end when the process that started them is gone, even by SIGKILL. It asks whether its
     * parent is still the one that started it, because by then the number may be another process's.
     *
     * <p>A limit of one byte keeps a core from programs that collect them, too, to which Linux hands it whatever the limit is, but for this one (fs/coredump.c).
     */
    private static final String LAUNCH = """
            prlimit --pid $$ --core=1:1 2>/dev/null || ulimit -c 0
            exec 3<&0 </dev/null
            (
                trap '' HUP INT QUIT TERM
                while read -r _ <&3; do :; done
                self=$(exec sh -c 'echo $PPID')
                grep -q "^PPid:[[:space:]]*$$\\$" "/proc/$self/status" && kill -KILL $$
            ) >/dev/null 2>&1 &
            exec 3<&-
            command -v setsid >/dev/null && exec setsid "$@"
            exec "$@"
            """;

    private static final Logger LOG = LoggerFactory.getLogger(EnvoyProcess.class);
    private static final Duration STOP = Duration.ofSeconds(5);
    private static final long POLL_MILLIS = 20;
    private static final int PROBE_MILLIS = 1_000;

    private final long started = System.nanoTime();
    private final Process process;
    private final RecentLines lastErrors = new RecentLines(20);
    private final CompletableFuture<Void> outputs;

    private EnvoyProcess(Process process, EnvoyLaunch launch) {
        this.process = process;
        this.outputs = CompletableFuture.allOf(
                follow("envoy-access-log", process.getInputStream(), launch.accessLog()),
                follow("envoy-errors", process.getErrorStream(), line -> {
                    lastErrors.add(line);
                    launch.errors().accept(line);
                }));
    }

    /**
     * Starts Envoy and returns at once.
     *
     * @throws EnvoyException when there is no shell to start it with
     */
    public static EnvoyProcess start(EnvoyLaunch launch) throws EnvoyException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", LAUNCH, "sh"));
        command.addAll(launch.prefix());
        command.add(launch.binary().toString());
        command.addAll(launch.arguments());
        try {
            return new EnvoyProcess(new ProcessBuilder(command).start(), launch);
        } catch (IOException e) {
            throw new EnvoyException("cannot start Envoy: " + e.getMessage(), e);
        }
    }

    /** Envoy's own process ID (with a prefix that forks: the prefix's). */
    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Completed with the exit status when Envoy has ended. */
    public CompletableFuture<Integer> onExit() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /**
     * Waits until {@code GET /ready} on the readiness listener is answered with 200: then Envoy has its configuration.
     *
     * @param address where the listener binds; a wildcard address is asked by loopback
     * @throws EnvoyException when Envoy ends first or the time is over; says what Envoy said last
     */
    public void awaitReady(InetAddress address, int port, Duration timeout) throws EnvoyException {
        InetSocketAddress target =
                new InetSocketAddress(address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address, port);
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!isReady(target)) {
            if (endedWithin(POLL_MILLIS)) {
                outputsWithin(STOP);
                throw new EnvoyException(
                        "Envoy ended with status " + process.exitValue() + " before it was ready" + said());
            }
            if (System.nanoTime() > deadline) {
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started);
                throw new EnvoyException("Envoy was not ready after " + seconds + " s" + said());
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new EnvoyException("interrupted while Envoy was not ready yet");
            }
        }
    }

    /** Ends Envoy: SIGTERM, after five seconds SIGKILL. Returns when it is gone and its last lines were delivered. */
    @Override
    public void close() {
        // Process.destroy would close the pipes first, and with them lose the last lines of the log.
        process.toHandle().destroy();
        if (!endedWithin(STOP.toMillis())) {
            process.toHandle().destroyForcibly();
            endedWithin(STOP.toMillis());
        }
        outputsWithin(STOP);
        process.destroyForcibly();
    }

    private static boolean isReady(InetSocketAddress target) {
        try (Socket socket = new Socket()) {
            socket.connect(target, PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            socket.getOutputStream()
                    .write("GET /ready HTTP/1.1\r\nHost: sidecar\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String status = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            return status.equals("HTTP/1.1 200");
        } catch (IOException notYet) {
            return false;
        }
    }

    private boolean endedWithin(long millis) {
        try {
            return process.waitFor(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !process.isAlive();
        }
    }

    private void outputsWithin(Duration time) {
        outputs.copy()
                .completeOnTimeout(null, time.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private String said() {
        String lines = lastErrors.text();
        return lines.isEmpty() ? "; it said nothing" : "; it said:\n" + lines;
    }

    private static CompletableFuture<Void> follow(String name, InputStream stream, Consumer<String> consumer) {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader lines =
                            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                            deliver(line, consumer);
                        }
                    } catch (IOException closed) {
                        LOG.debug("{} ended: {}", name, closed.getMessage());
                    } finally {
                        ended.complete(null);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return ended;
    }

    /** Whatever the consumer does with a line, the pipe must be read on: a full one stops Envoy. */
    private static void deliver(String line, Consumer<String> consumer) {
        try {
            consumer.accept(line);
        } catch (RuntimeException e) {
            LOG.warn("a line of Envoy's output was lost: {}", e.toString());
        }
    }
}
