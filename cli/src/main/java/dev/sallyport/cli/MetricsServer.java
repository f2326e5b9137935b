package dev.sallyport.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /metrics} for Prometheus, {@code /healthz} (the process lives) and {@code /readyz} (it serves), by plain HTTP: nothing in them is secret. */
final class MetricsServer implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

    private final InetSocketAddress listen;
    private final PrometheusMeterRegistry meters;
    private final Supplier<Optional<String>> notReady;
    private final ExecutorService pool = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "metrics");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable HttpServer server;

    MetricsServer(InetSocketAddress listen, PrometheusMeterRegistry meters, Supplier<Optional<String>> notReady) {
        this.listen = listen;
        this.meters = meters;
        this.notReady = notReady;
    }

    void start() throws IOException {
        try {
            server = HttpServer.create(listen, 16);
        } catch (IOException e) {
            throw new UserError("--metrics: cannot listen on " + listen.getHostString() + ":" + listen.getPort() + ": "
                    + e.getMessage() + "; choose another address or port");
        }
        server.createContext("/metrics", exchange -> answer(exchange, 200, METRICS, meters::scrape));
        server.createContext("/healthz", exchange -> answer(exchange, 200, TEXT, () -> "ok\n"));
        server.createContext("/readyz", exchange -> readiness(exchange, notReady.get()));
        server.createContext("/", exchange -> answer(exchange, 404, TEXT, () -> "not found\n"));
        server.setExecutor(pool);
        server.start();
    }

    /** The port it listens on, once started. */
    int port() {
        if (server == null) {
            throw new IllegalStateException("the metrics server is not started");
        }
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
        }
        pool.shutdownNow();
    }

    private static void readiness(HttpExchange exchange, Optional<String> why) throws IOException {
        answer(exchange, why.isEmpty() ? 200 : 503, TEXT, () -> why.orElse("ok") + "\n");
    }

    private static void answer(HttpExchange exchange, int status, String type, Supplier<String> text)
            throws IOException {
        try (exchange) {
            byte[] body = text.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("content-type", type);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(status, head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }
}
