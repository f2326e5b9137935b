package dev.sallyport.cli;

import dev.sallyport.bootstrap.EnvoyException;
import dev.sallyport.bootstrap.SidecarPorts;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.xds.RejectedResource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Starts a sidecar of a control plane in this process and waits until it is ready; on other ports when somebody took one of its own first. */
final class ReadySidecar {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration QUIET = Duration.ofSeconds(2);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int ATTEMPTS = 5;

    private final StandaloneControlPlane controlPlane;
    private final PolicyId workload;
    private final Consumer<String> progress;
    private final Runnable check;

    /**
     * @param progress is told when it takes long
     * @param check is called again and again, and may throw
     */
    ReadySidecar(StandaloneControlPlane controlPlane, PolicyId workload, Consumer<String> progress, Runnable check) {
        this.controlPlane = controlPlane;
        this.workload = workload;
        this.progress = progress;
        this.check = check;
    }

    /** Where ports come from, others with each call where others may take them. */
    interface Ports {
        SidecarPorts draw() throws IOException;
    }

    /** A sidecar that is ready. */
    Sidecar start(Sidecar.Launch launch, Ports ports) throws IOException {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            SidecarPorts drawn = ports.draw();
            Sidecar sidecar = Sidecar.start(launch, drawn);
            try {
                if (isReady(sidecar)) {
                    return sidecar;
                }
            } catch (IOException | RuntimeException e) {
                sidecar.close();
                throw e;
            }
            sidecar.close();
            progress.accept("port " + drawn.proxy() + " or " + drawn.ready()
                    + " was taken by another process meanwhile; trying others");
            awaitForgotten();
        }
        throw new UserError("other processes took the sidecar's ports " + ATTEMPTS
                + " times between their choice and their use; is something using all ports of this machine?");
    }

    /** What the control plane knows of the one that ended must not be taken for the next one's. */
    private void awaitForgotten() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (portIsTaken() && System.nanoTime() < deadline) {
            check.run();
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    /** False: one of its ports is taken. */
    private boolean isReady(Sidecar sidecar) throws IOException {
        long start = System.nanoTime();
        boolean told = false;
        while (true) {
            try {
                sidecar.awaitReady(LOOK);
                return true;
            } catch (EnvoyException notYet) {
                check.run();
                Duration waited = Duration.ofNanos(System.nanoTime() - start);
                if (portIsTaken()) {
                    return false;
                }
                if (!sidecar.isAlive() || waited.compareTo(PATIENCE) > 0) {
                    throw new UserError(notYet.getMessage() + rejections());
                }
                if (!told && waited.compareTo(QUIET) > 0) {
                    progress.accept("waiting for the sidecar");
                    told = true;
                }
            }
        }
    }

    private boolean portIsTaken() {
        return rejected().stream().anyMatch(resource -> resource.reason().contains("Address already in use"));
    }

    private String rejections() {
        StringBuilder text = new StringBuilder();
        rejected()
                .forEach(resource ->
                        text.append('\n').append(resource.name()).append(": ").append(resource.reason()));
        return text.toString();
    }

    private List<RejectedResource> rejected() {
        return controlPlane.sidecars().stream()
                .filter(sidecar -> sidecar.workload().equals(workload))
                .flatMap(sidecar -> sidecar.rejected().stream())
                .toList();
    }
}
