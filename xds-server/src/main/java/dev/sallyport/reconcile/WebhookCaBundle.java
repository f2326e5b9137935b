package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.source.kubernetes.ApiAnswer;
import dev.sallyport.source.kubernetes.ApiServer;
import dev.sallyport.source.kubernetes.KubernetesObjects;
import dev.sallyport.source.kubernetes.ObjectQuery;
import dev.sallyport.source.kubernetes.SourceHealth;
import dev.sallyport.source.kubernetes.SourceThread;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what the API server checks the injector's certificate with: {@code caBundle} of each webhook of its configuration. Writes that and nothing else, only where it differs, and never makes the configuration. Thread-safe.
 */
public final class WebhookCaBundle implements AutoCloseable {
    /** The MutatingWebhookConfiguration of the manifests. */
    public static final String NAME = "sallyport-pod-injector";

    private static final Logger LOG = LoggerFactory.getLogger(WebhookCaBundle.class);
    private static final String API = "/apis/admissionregistration.k8s.io/v1";
    private static final String RESOURCE = "mutatingwebhookconfigurations";
    private static final String PATH = API + "/" + RESOURCE + "/" + NAME + "?fieldManager=" + ObjectNames.SALLYPORT;
    private static final ObjectMapper JSON = new ObjectMapper();
    /** How soon a change of the CA is noticed; one of the object is told at once. */
    private static final Duration TICK = Duration.ofSeconds(1);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration LAST_WRITE = ObjectRequests.TIMEOUT.plusSeconds(1);

    private final ApiServer server;
    private final Supplier<String> pem;
    private final BooleanSupplier mayWrite;
    private final KubernetesObjects objects;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "webhook-ca");
        made.setDaemon(true);
        return made;
    });

    private volatile Optional<String> problem = Optional.empty();
    private Duration pause = TICK;
    private long notBefore = System.nanoTime();

    /** How the API server is asked and listened to. The caller closes them, after this. */
    public record Sources(ApiServer server, SourceThread thread, SourceHealth health) {}

    /**
     * Connects to nothing yet.
     *
     * @param pem what the API server should trust, such as {@code SystemCa::pem}; may change at any time
     * @param mayWrite asked before each write, such as {@code ClusterReconciler::isLeader}
     */
    public WebhookCaBundle(Sources sources, Supplier<String> pem, BooleanSupplier mayWrite) {
        this.server = sources.server();
        this.pem = pem;
        this.mayWrite = mayWrite;
        this.objects = new KubernetesObjects(
                ObjectQuery.clusterScoped(API, RESOURCE).named(NAME),
                sources.server(),
                sources.thread(),
                sources.health(),
                WebhookCaBundle::reduced);
        objects.onChange(name -> lookSoon());
    }

    private static JsonNode reduced(JsonNode object) {
        if (object.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
        }
        return object;
    }

    /** Begins to listen, and to write when it may. May be called once. */
    public void start() {
        objects.start();
        // Nobody waits for it: a look never throws.
        var unused = thread.scheduleWithFixedDelay(this::look, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Why the webhook may not be trusted, or is not known as it is now; one line. */
    public Optional<String> problem() {
        return problem.or(objects::problem);
    }

    private void lookSoon() {
        try {
            thread.execute(this::look);
        } catch (RejectedExecutionException e) {
            LOG.debug("closed", e);
        }
    }

    private void look() {
        try {
            if (System.nanoTime() - notBefore >= 0 && mayWrite.getAsBoolean()) {
                objects.find("", NAME).flatMap(this::patch).ifPresent(this::write);
            }
        } catch (RuntimeException e) {
            LOG.error("a look at the webhook failed", e);
        }
    }

    /** What makes each of its webhooks trust the CA; empty: all do. */
    private Optional<ArrayNode> patch(JsonNode live) {
        String wanted = Base64.getEncoder().encodeToString(pem.get().getBytes(StandardCharsets.UTF_8));
        ArrayNode patch = JSON.createArrayNode();
        // Places in a list are those of this very version.
        patch.addObject()
                .put("op", "test")
                .put("path", "/metadata/resourceVersion")
                .put("value", live.at("/metadata/resourceVersion").asText());
        JsonNode webhooks = live.path("webhooks");
        for (int i = 0; i < webhooks.size(); i++) {
            if (!webhooks.get(i).at("/clientConfig/caBundle").asText().equals(wanted)) {
                patch.addObject()
                        .put("op", "add")
                        .put("path", "/webhooks/" + i + "/clientConfig/caBundle")
                        .put("value", wanted);
            }
        }
        return patch.size() > 1 ? Optional.of(patch) : Optional.empty();
    }

    private void write(ArrayNode patch) {
        try {
            ApiAnswer answer =
                    server.send("PATCH", PATH, "application/json-patch+json", patch.toString(), ObjectRequests.TIMEOUT);
            if (answer.isGood()) {
                LOG.info("the webhooks of {} trust the system CA now", NAME);
                problem = Optional.empty();
                wroteNow();
            } else if (answer.isMissing()) {
                problem = Optional.empty(); // the watch will tell
            } else {
                failed(answer.status() + " " + answer.message());
            }
        } catch (IOException e) {
            failed(e.getMessage() == null ? "no answer" : e.getMessage());
        }
    }

    /** What was written comes back by the watch; until then it is not written again. */
    private void wroteNow() {
        pause = TICK;
        notBefore = System.nanoTime() + TICK.toNanos();
    }

    private void failed(String reason) {
        String line = "cannot patch " + RESOURCE + " " + NAME + " (caBundle): " + reason;
        if (!problem.equals(Optional.of(line))) {
            LOG.warn("{}", line);
        }
        problem = Optional.of(line);
        notBefore = System.nanoTime() + pause.toNanos();
        pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
    }

    /** Lets a write that has begun end; none begins after it. */
    @Override
    public void close() {
        objects.close();
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LAST_WRITE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("a write of the webhook's CA has not ended yet");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
