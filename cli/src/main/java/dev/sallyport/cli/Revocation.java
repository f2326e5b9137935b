package dev.sallyport.cli;

import dev.sallyport.identity.PodClaimsResolver;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.source.LabelledPod;
import dev.sallyport.source.PodChange;
import dev.sallyport.xds.XdsServer;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the streams of sidecars that would not be accepted any more: their Pod is gone or has ended, or its policy no longer admits it. */
final class Revocation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Revocation.class);

    /** Finds a stream that was accepted just before its Pod went, and began just after. */
    private static final long SWEEP_SECONDS = 10;

    private final XdsServer server;
    private final PodClaimsResolver resolver;
    private final ScheduledExecutorService sweep = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "revocation");
        thread.setDaemon(true);
        return thread;
    });

    Revocation(XdsServer server, PodClaimsResolver resolver) {
        this.server = server;
        this.resolver = resolver;
    }

    void start() {
        var unused = sweep.scheduleWithFixedDelay(this::all, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    void changed(PodChange change) {
        change.before().map(LabelledPod::workload).ifPresent(this::changed);
    }

    /** Its list of ServiceAccounts may be another. */
    void changed(PolicyId workload) {
        server.closeStreams(identity -> identity.workload().equals(workload) && !resolver.stillAdmits(identity));
    }

    private void all() {
        try {
            server.closeStreams(identity -> !resolver.stillAdmits(identity));
        } catch (RuntimeException e) {
            LOG.error("the streams were not looked at, trying again", e);
        }
    }

    @Override
    public void close() {
        sweep.shutdownNow();
    }
}
