package dev.sallyport.cli;

import dev.sallyport.bootstrap.EnvoyException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Says on stderr when a sidecar is ready, and until then once each what keeps it from that. */
final class SidecarProgress implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(3);

    private final Sidecar sidecar;
    private final ControlPlaneProbe probe;
    private final Thread thread = new Thread(this::watch, "sidecar-progress");
    private Optional<String> told = Optional.empty();

    SidecarProgress(Sidecar sidecar, ControlPlaneProbe probe) {
        this.sidecar = sidecar;
        this.probe = probe;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void watch() {
        while (sidecar.isAlive() && !thread.isInterrupted()) {
            try {
                sidecar.awaitReady(LOOK);
                say("ready: the proxy is http://127.0.0.1:" + sidecar.ports().proxy());
                return;
            } catch (EnvoyException notYet) {
                if (sidecar.isAlive() && !thread.isInterrupted()) {
                    tell(probe.problem());
                }
            } catch (IOException e) {
                say("cannot tell whether the sidecar is ready: " + Errors.describe(e));
                return;
            }
        }
    }

    private void tell(Optional<String> problem) {
        if (problem.isPresent() && !problem.equals(told)) {
            told = problem;
            say("not ready: " + problem.get());
        }
    }

    private void say(String line) {
        System.err.println("sallyport: " + line);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
