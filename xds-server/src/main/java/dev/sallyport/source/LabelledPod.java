package dev.sallyport.source;

import dev.sallyport.policy.PolicyId;
import java.time.Instant;

/**
 * One Pod that carries the label {@code sallyport.dev/policy}, as far as the control plane looks at it.
 *
 * @param uid tells it from an earlier Pod of the same name
 * @param workload its namespace and the label's value
 * @param serviceAccount which it runs as
 * @param sidecar whether it has the sidecar's container
 * @param ready whether Kubernetes counts it as ready
 * @param created by the API server's clock
 */
public record LabelledPod(
        String namespace,
        String name,
        String uid,
        PolicyId workload,
        String serviceAccount,
        State state,
        boolean sidecar,
        boolean ready,
        Instant created) {
    /** How far its life has come. */
    public enum State {
        /** Pending or running. */
        LIVE,
        /** Marked for deletion: its containers may run until the grace period ends, and are served so long. */
        ENDING,
        /** Succeeded or failed: no container runs, or ever will. */
        ENDED
    }

    /** Whether its containers may be running. */
    public boolean mayRun() {
        return state != State.ENDED;
    }
}
