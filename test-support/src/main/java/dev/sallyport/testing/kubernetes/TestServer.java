package dev.sallyport.testing.kubernetes;

import dev.sallyport.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One server of a test cluster, which a test may stop, kill, freeze and start again. It never outlives this JVM, however that ends. Not thread-safe. */
public final class TestServer {
    private static final Duration READY = Duration.ofSeconds(90);
    private static final long STOP_SECONDS = 30;
    private static final int TOLD_OF_LOG = 4_000;

    private final String name;
    private final Supplier<List<String>> command;
    private final BooleanSupplier ready;
    private final Path log;
    private @Nullable Process process;

    /**
     * @param command asked at every start
     * @param ready whether the running server answers
     */
    TestServer(String name, Supplier<List<String>> command, BooleanSupplier ready, Path directory) {
        this.name = name;
        this.command = command;
        this.ready = ready;
        this.log = directory.resolve(name + ".log");
    }

    /** Starts it, on the data and ports it had before, and returns when it is ready. Does nothing when it runs. */
    public void start() {
        if (isRunning()) {
            return;
        }
        process = spawn();
        try {
            Eventually.within(READY, () -> {
                if (!isRunning()) {
                    throw new IllegalStateException(name + " ended");
                }
                if (!ready.getAsBoolean()) {
                    throw new AssertionError(name + " is not ready after " + READY);
                }
            });
        } catch (AssertionError e) {
            kill();
            throw new IllegalStateException(name + " did not start; its log ends with:\n" + logEnd(), e);
        }
    }

    /** Ends it by SIGTERM, as a roll-out does: watches end cleanly. By SIGKILL when it takes longer than 30 s. */
    public void stop() {
        Process running = process;
        if (running != null) {
            running.destroy();
            await(running, STOP_SECONDS);
            kill();
        }
    }

    /** Ends it by SIGKILL, as a crash does. */
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            await(running, STOP_SECONDS);
            process = null;
        }
    }

    public void restart() {
        stop();
        start();
    }

    /** Freezes it (SIGSTOP): connections stay open, nothing answers. */
    public void pause() {
        signal("STOP");
    }

    /** Lets it go on after {@link #pause}. */
    public void resume() {
        signal("CONT");
    }

    public boolean isRunning() {
        Process running = process;
        return running != null && running.isAlive();
    }

    /** Everything it has logged, over all its starts. */
    public String log() {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process id. */
    public long pid() {
        return running().pid();
    }

    /**
     * The kernel kills the server when the thread that started it ends, so that thread waits as long as the server runs; when this JVM is killed, all its threads end.
     */
    private Process spawn() {
        List<String> guarded = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
        guarded.addAll(command.get());
        CompletableFuture<Process> started = new CompletableFuture<>();
        Thread guardian = new Thread(() -> run(guarded, started), name + "-guardian");
        guardian.setDaemon(true);
        guardian.start();
        return started.join();
    }

    private void run(List<String> arguments, CompletableFuture<Process> started) {
        try {
            Process child = new ProcessBuilder(arguments)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            started.complete(child);
            child.waitFor();
        } catch (IOException e) {
            started.completeExceptionally(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(pid())).start();
            await(kill, STOP_SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process running() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException(name + " is not running");
        }
        return running;
    }

    private static void await(Process ending, long seconds) {
        try {
            ending.waitFor(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String logEnd() {
        String all = log();
        return all.substring(Math.max(0, all.length() - TOLD_OF_LOG));
    }
}
