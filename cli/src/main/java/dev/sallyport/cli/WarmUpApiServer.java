package dev.sallyport.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers like an API server that has a root seed and one policy, takes whatever is written, and keeps nothing: enough to load what talks to a real one. */
final class WarmUpApiServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NOTHING = "{\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}";
    private static final String POLICIES = """
            {"kind":"EgressPolicyList","metadata":{"resourceVersion":"1"},"items":[{
              "apiVersion":"sallyport.dev/v1alpha1","kind":"EgressPolicy",
              "metadata":{"name":"warm","namespace":"up","uid":"u","resourceVersion":"1","generation":1},
              "spec":{"access":"Restricted","capture":"Redirect","hosts":[
                {"host":"api.example.com","credentials":[{"header":"x-key","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}]},
                {"host":"*.example.org"}]}}]}
            """;
    private static final String SEED = """
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"sallyport-root-seed","resourceVersion":"1"},"data":{"seed":"%s"}}
            """.formatted(Base64.getEncoder().encodeToString(new byte[32]));

    private final HttpServer server;
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);

    private WarmUpApiServer(HttpServer server) {
        this.server = server;
    }

    static WarmUpApiServer start() throws IOException {
        InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        WarmUpApiServer started = new WarmUpApiServer(HttpServer.create(anywhere, 0));
        started.server.createContext("/", started::answer);
        started.server.setExecutor(started.pool);
        started.server.start();
        return started;
    }

    /** How it is reached. */
    String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: u, user: {token: t}}]
                """.formatted(server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] body = exchange.getRequestBody().readAllBytes();
        switch (exchange.getRequestMethod()) {
            case "GET" -> get(exchange, path);
            case "POST", "PUT", "PATCH" -> send(exchange, 200, stored(body));
            default -> send(exchange, 404, "{}");
        }
    }

    private void get(HttpExchange exchange, String path) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if (query.contains("watch=1")) {
            watch(exchange);
        } else if (path.endsWith("/sallyport-root-seed")) {
            send(exchange, 200, SEED);
        } else if (path.matches(".*/namespaces/[^/]+/[^/]+/.+")) {
            send(exchange, 404, "{}");
        } else {
            send(exchange, 200, path.endsWith("/egresspolicies") ? POLICIES : NOTHING);
        }
    }

    /** Nothing ever happens. */
    private void watch(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush();
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As if it had been stored. */
    private static String stored(byte[] body) throws IOException {
        JsonNode object = JSON.readTree(body);
        if (object instanceof ObjectNode tree) {
            tree.withObject("/metadata").put("resourceVersion", "1").put("uid", "u");
        }
        return object.toString();
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        pool.shutdownNow();
    }
}
