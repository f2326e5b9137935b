package dev.sallyport.webhook;

import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/** {@code /healthz}: the server answers. {@code /readyz}: it can decide; otherwise 503, and why not. */
final class HealthHandler extends Handler.Abstract {
    private final Supplier<Optional<String>> notReady;

    HealthHandler(Supplier<Optional<String>> notReady) {
        this.notReady = notReady;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Optional<String> problem;
        switch (Request.getPathInContext(request)) {
            case "/healthz" -> problem = Optional.empty();
            case "/readyz" -> problem = notReady.get();
            default -> {
                return false;
            }
        }
        AdmissionHandler.write(
                response,
                callback,
                problem.isPresent() ? 503 : 200,
                "text/plain; charset=utf-8",
                BufferUtil.toBuffer(problem.orElse("ok") + "\n"));
        return true;
    }
}
