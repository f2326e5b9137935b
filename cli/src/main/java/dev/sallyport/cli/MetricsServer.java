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
    private final Supplier<Optional<String>> remark;
    private final ExecutorService pool = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "metrics");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable HttpServer server;

    /**
     * Does not listen yet.
     *
     * @param notReady why {@code /readyz} is 503, one line; empty: it is 200
     * @param remark what {@code /readyz} says beside that it is ready, one line; empty: nothing
     */
    MetricsServer(
            InetSocketAddress listen,
            PrometheusMeterRegistry meters,
            Supplier<Optional<String>> notReady,
            Supplier<Optional<String>> remark) {
        this.listen = listen;
        this.meters = meters;
        this.notReady = notReady;
        this.remark = remark;
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
        server.createContext("/readyz", this::readiness);
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

    private void readiness(HttpExchange exchange) throws IOException {
        Optional<String> why = notReady.get();
        String ok = remark.get().map(text -> "ok; " + text).orElse("ok");
        answer(exchange, why.isEmpty() ? 200 : 503, TEXT, () -> why.orElse(ok) + "\n");
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
