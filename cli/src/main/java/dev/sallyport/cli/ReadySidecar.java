package dev.sallyport.cli;

import dev.sallyport.bootstrap.EnvoyException;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.xds.RejectedResource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Starts a sidecar of a control plane in this process and waits until it is ready; on other ports when somebody took one of its own first. */
final class ReadySidecar {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration QUIET = Duration.ofSeconds(2);
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

    /** A sidecar that is ready. */
    Sidecar start(Sidecar.Launch launch, RunNetwork network) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Sidecar sidecar = Sidecar.start(launch, network.ports());
            try {
                if (isReady(sidecar) || attempt == ATTEMPTS) {
                    return sidecar;
                }
                sidecar.close();
            } catch (IOException | RuntimeException e) {
                sidecar.close();
                throw e;
            }
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
