package dev.sallyport.webhook;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code POST /inject}: takes an AdmissionReview as a whole, within its limits of size and time, and answers it. */
final class AdmissionHandler extends Handler.Abstract {
    static final String PATH = "/inject";

    private static final Logger LOG = LoggerFactory.getLogger(AdmissionHandler.class);

    private final PodAdmission admission;
    private final WebhookConfig config;
    private final AdmissionMetrics metrics;

    AdmissionHandler(PodAdmission admission, WebhookConfig config, AdmissionMetrics metrics) {
        this.admission = admission;
        this.config = config;
        this.metrics = metrics;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (!Request.getPathInContext(request).equals(PATH)) {
            return false;
        }
        if (!request.getMethod().equals("POST")) {
            response.getHeaders().put(HttpHeader.ALLOW, "POST");
            reject(response, callback, 405, "expected POST");
        } else if (!isJson(request.getHeaders().get(HttpHeader.CONTENT_TYPE))) {
            reject(response, callback, 415, "expected content-type application/json");
        } else if (request.getLength() > config.maxRequest()) {
            reject(response, callback, 413, tooLarge());
        } else {
            var unused = body(request)
                    .orTimeout(config.requestTime().toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete((body, failure) -> received(response, callback, body, failure));
        }
        return true;
    }

    private CompletableFuture<byte[]> body(Request request) {
        CompletableFuture<byte[]> body = new CompletableFuture<>();
        Content.Source.asByteArrayAsync(
                request,
                config.maxRequest(),
                Promise.Invocable.from(InvocationType.BLOCKING, body::complete, body::completeExceptionally));
        return body;
    }

    private void received(Response response, Callback callback, byte @Nullable [] body, @Nullable Throwable failure) {
        if (body != null) {
            answer(response, callback, body);
        } else if (cause(failure) instanceof TimeoutException) {
            reject(response, callback, 408, "the request did not come within " + config.requestTime());
        } else if (cause(failure) instanceof IllegalStateException) {
            reject(response, callback, 413, tooLarge());
        } else {
            callback.failed(failure == null ? new IllegalStateException("no body") : failure);
        }
    }

    private void answer(Response response, Callback callback, byte[] body) {
        long began = System.nanoTime();
        try {
            byte[] answer = admission.answer(AdmissionRequest.read(body));
            metrics.took(Duration.ofNanos(System.nanoTime() - began));
            write(response, callback, 200, "application/json", ByteBuffer.wrap(answer));
        } catch (MalformedReviewException e) {
            reject(response, callback, 400, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // Nothing was decided: with failurePolicy Fail the Pod is not made.
            LOG.error("cannot answer an AdmissionReview", e);
            reject(response, callback, 500, "internal error, see the injector's log");
        }
    }

    private void reject(Response response, Callback callback, int status, String message) {
        metrics.rejected(status);
        LOG.info("rejected a request: {} {}", status, message);
        if (status == 408 || status == 413) {
            response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
        }
        write(response, callback, status, "text/plain; charset=utf-8", BufferUtil.toBuffer(message + "\n"));
    }

    static void write(Response response, Callback callback, int status, String type, ByteBuffer body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.remaining());
        response.write(true, body, callback);
    }

    private String tooLarge() {
        return "the request has more than " + config.maxRequest() + " bytes";
    }

    private static boolean isJson(@Nullable String type) {
        return type != null && type.split(";", 2)[0].strip().equalsIgnoreCase("application/json");
    }

    private static @Nullable Throwable cause(@Nullable Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
