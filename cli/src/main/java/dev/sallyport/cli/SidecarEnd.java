package dev.sallyport.cli;

import java.util.concurrent.CompletableFuture;

/** How {@code sidecar} ends: asked to, or because Envoy did. Thread-safe. */
final class SidecarEnd {
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    /** Somebody asked for it. */
    void ask() {
        exitCode.complete(ExitCode.OK);
    }

    /** Waits for either, and returns what to exit with. */
    int await(Sidecar sidecar) {
        var unused = sidecar.onExit().thenAccept(this::envoyEnded);
        return exitCode.join();
    }

    private void envoyEnded(int status) {
        if (exitCode.complete(status == 0 ? ExitCode.FAILED : status)) {
            System.err.println("sallyport: Envoy ended with status " + status);
        }
    }
}
