package dev.sallyport.cli;

import dev.sallyport.identity.StandaloneTokens;
import dev.sallyport.identity.TokenFile;
import dev.sallyport.pki.AtomicFile;
import dev.sallyport.pki.PublicRoots;
import dev.sallyport.pki.SystemCa;
import dev.sallyport.pki.TrustBundle;
import dev.sallyport.pki.TrustDirectory;
import dev.sallyport.pki.WorkloadCas;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.snapshot.PublishedWorkload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that a control plane on one machine keeps for each workload: a token for its sidecars, and what its apps trust. They follow the policies and the clock. A workload that is taken away keeps its trust files: apps may still
 * read them. Thread-safe.
 */
final class WorkloadFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkloadFiles.class);
    private static final long PERIOD_SECONDS = 30;

    private final StateDirectory state;
    private final WorkloadCas cas;
    private final PublicRoots roots;
    private final StandaloneTokens tokens;
    private final Clock clock;
    private final SortedMap<PolicyId, TokenFile> tokenFiles = new TreeMap<>();
    private final SortedMap<PolicyId, Boolean> publicRoots = new TreeMap<>();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "workload-files");
        thread.setDaemon(true);
        return thread;
    });

    WorkloadFiles(StateDirectory state, WorkloadCas cas, PublicRoots roots, StandaloneTokens tokens, Clock clock) {
        this.state = state;
        this.cas = cas;
        this.roots = roots;
        this.tokens = tokens;
        this.clock = clock;
    }

    /** Looks at the clock from now on: CAs change with it. */
    void start(SystemCa systemCa) {
        Future<?> unused = scheduler.scheduleWithFixedDelay(
                () -> orWarn("trust files", () -> {
                    refresh();
                    writeIfChanged(state.xdsCa(), systemCa.pem());
                }),
                PERIOD_SECONDS,
                PERIOD_SECONDS,
                TimeUnit.SECONDS);
    }

    /** A workload came, or changed. */
    void update(PublishedWorkload workload) {
        orWarn("files of " + workload.id(), () -> {
            synchronized (this) {
                publicRoots.put(workload.id(), workload.publicRoots());
                writeTrust(workload.id());
                startToken(workload.id());
            }
        });
    }

    /** The trust directory, which exists. */
    synchronized Path trust(PolicyId workload) throws IOException {
        writeTrust(workload);
        return state.trust(workload);
    }

    /** The token file, which exists. */
    synchronized Path token(PolicyId workload) throws IOException {
        return startToken(workload);
    }

    @Override
    public synchronized void close() throws IOException {
        scheduler.shutdownNow();
        for (TokenFile file : tokenFiles.values()) {
            file.close();
        }
    }

    private synchronized void refresh() throws IOException {
        for (PolicyId workload : publicRoots.keySet()) {
            writeTrust(workload);
        }
    }

    private void writeTrust(PolicyId workload) throws IOException {
        boolean all = publicRoots.getOrDefault(workload, false);
        TrustBundle bundle = all
                ? TrustBundle.withPublicRoots(cas.bundle(workload), roots)
                : TrustBundle.workloadOnly(cas.bundle(workload));
        var written = new TrustDirectory(state.trust(workload)).write(bundle);
        LOG.debug("trust files of {}: {}", workload, written);
    }

    private Path startToken(PolicyId workload) throws IOException {
        Path path = state.token(workload);
        if (!tokenFiles.containsKey(workload)) {
            TokenFile file =
                    new TokenFile(path, ttl -> tokens.mint(workload, "standalone", ttl), TokenFile.DEFAULT_TTL, clock);
            file.start();
            tokenFiles.put(workload, file);
        }
        return path;
    }

    private static void writeIfChanged(Path file, String text) throws IOException {
        if (!Files.exists(file) || !Files.readString(file).equals(text)) {
            AtomicFile.replace(file, text.getBytes(StandardCharsets.US_ASCII), AtomicFile.PUBLIC);
        }
    }

    private static void orWarn(String what, Action action) {
        try {
            action.run();
        } catch (IOException | RuntimeException e) {
            LOG.warn("{} cannot be written, trying again: {}", what, e.toString());
        }
    }

    private interface Action {
        void run() throws IOException;
    }
}
