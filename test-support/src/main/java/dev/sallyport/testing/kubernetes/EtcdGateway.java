package dev.sallyport.testing.kubernetes;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** etcd's JSON interface, as far as tests need it. */
final class EtcdGateway {
    private static final Pattern REVISION = Pattern.compile("\"revision\":\"([0-9]+)\"");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final String url;

    EtcdGateway(String url) {
        this.url = url;
    }

    boolean isHealthy() {
        try {
            return send(HttpRequest.newBuilder(URI.create(url + "/health"))).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Forgets every revision before the newest, and returns the newest. */
    long compact() {
        try {
            Matcher status = REVISION.matcher(post("/v3/maintenance/status", "{}"));
            if (!status.find()) {
                throw new IllegalStateException("etcd's status names no revision");
            }
            long newest = Long.parseLong(status.group(1));
            post("/v3/kv/compaction", "{\"revision\":" + newest + ",\"physical\":true}");
            return newest;
        } catch (IOException e) {
            throw new IllegalStateException("etcd at " + url + " does not compact: " + e.getMessage(), e);
        }
    }

    private String post(String path, String body) throws IOException {
        HttpResponse<String> reply =
                send(HttpRequest.newBuilder(URI.create(url + path)).POST(HttpRequest.BodyPublishers.ofString(body)));
        if (reply.statusCode() != 200) {
            throw new IOException(path + " answered " + reply.statusCode() + " " + reply.body());
        }
        return reply.body();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
