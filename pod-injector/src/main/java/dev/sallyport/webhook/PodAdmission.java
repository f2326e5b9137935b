package dev.sallyport.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.inject.Injection;
import dev.sallyport.inject.Injection.Admitted;
import dev.sallyport.inject.Injection.Refused;
import dev.sallyport.inject.PodInjector;
import dev.sallyport.inject.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests about Pods. What it is not made for it refuses, and says what is set up wrong. Thread-safe. */
final class PodAdmission {
    private static final Logger LOG = LoggerFactory.getLogger(PodAdmission.class);
    private static final int MOST_REFUSALS = 20;

    private final PodInjector injector;
    private final Supplier<Optional<String>> notReady;
    private final AdmissionMetrics metrics;

    PodAdmission(PodInjector injector, Supplier<Optional<String>> notReady, AdmissionMetrics metrics) {
        this.injector = injector;
        this.notReady = notReady;
        this.metrics = metrics;
    }

    byte[] answer(AdmissionRequest request) {
        Optional<String> misdirected = misdirected(request);
        if (misdirected.isPresent()) {
            return refused(request, 400, "BadRequest", misdirected.get());
        }
        Optional<String> unready = notReady.get();
        if (unready.isPresent()) {
            return refused(request, 503, "ServiceUnavailable", "cannot decide yet, try again: " + unready.get());
        }
        Injection injection = injector.review(request.namespace(), request.object());
        if (injection instanceof Refused refused) {
            return refused(request, 403, "Forbidden", message(refused.refusals()));
        }
        Admitted admitted = (Admitted) injection;
        metrics.admitted(admitted.patch().isEmpty(), request.dryRun());
        return AdmissionAnswer.allowed(request.uid(), admitted.patch(), admitted.warnings());
    }

    private byte[] refused(AdmissionRequest request, int code, String reason, String message) {
        metrics.refused(reason, request.dryRun());
        LOG.info("refused Pod {}: {}", name(request), message);
        return AdmissionAnswer.refused(request.uid(), code, reason, message);
    }

    private static Optional<String> misdirected(AdmissionRequest request) {
        if (!request.resource().equals("v1/pods")) {
            return expected("request.resource", request.resource(), "v1/pods");
        }
        if (!request.operation().equals("CREATE")) {
            // Of a Pod that exists next to nothing can be changed.
            return expected("request.operation", request.operation(), "CREATE");
        }
        ObjectNode object = request.object();
        if (!object.path("kind").asText("").equals("Pod")
                || !object.path("apiVersion").asText("").equals("v1")) {
            return expected("request.object.kind", object.path("kind").asText(""), "a Pod of v1");
        }
        return request.namespace().isEmpty()
                ? expected("request.namespace", "", "the namespace of the Pod")
                : Optional.empty();
    }

    private static Optional<String> expected(String field, String found, String expected) {
        return Optional.of(field + ": found \"" + found + "\", expected " + expected
                + ": this webhook is for the creation of Pods alone, look at its MutatingWebhookConfiguration");
    }

    private static String message(List<Refusal> refusals) {
        if (refusals.size() == 1) {
            return refusals.get(0).toString();
        }
        StringBuilder message = new StringBuilder().append(refusals.size()).append(" reasons");
        for (int i = 0; i < refusals.size() && i < MOST_REFUSALS; i++) {
            message.append(i == 0 ? ": (" : "; (").append(i + 1).append(") ").append(refusals.get(i));
        }
        return message.append(refusals.size() > MOST_REFUSALS ? "; …" : "").toString();
    }

    private static String name(AdmissionRequest request) {
        String name = request.name().isEmpty()
                ? request.object().path("metadata").path("generateName").asText("") + "*"
                : request.name();
        return request.namespace() + "/" + name;
    }
}
