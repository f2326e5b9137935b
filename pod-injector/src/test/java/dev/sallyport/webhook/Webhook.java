package dev.sallyport.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.inject.InjectorSettings;
import dev.sallyport.inject.KnownPolicy;
import dev.sallyport.inject.PodInjector;
import dev.sallyport.inject.PolicyLookup;
import dev.sallyport.policy.PolicyDocument;
import dev.sallyport.policy.PolicyId;
import dev.sallyport.policy.PolicyParser;
import dev.sallyport.settings.ClusterSettings;
import dev.sallyport.testing.RawConnection;
import dev.sallyport.testing.TestPki;
import dev.sallyport.testing.TlsClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A webhook on loopback that knows the policy {@code agents/coder}, and clients for it. */
final class Webhook implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final TestPki pki = new TestPki("webhook");
    final RotatingKeys keys = new RotatingKeys(pki);
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final HttpClient client = HttpClient.newBuilder()
            .sslContext(TlsClient.trusting(pki.rootPem()).context())
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    volatile Optional<String> notReady = Optional.empty();
    volatile PolicyLookup policies = Webhook::coder;

    private final WebhookServer server;

    private Webhook(UnaryOperator<WebhookConfig> config) throws IOException {
        InjectorSettings settings = new InjectorSettings(
                ClusterSettings.DEFAULT, List.of(InetAddress.getByName("10.0.0.10")), true, "0.1.0");
        server = new WebhookServer(
                config.apply(WebhookConfig.listeningOn(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .withDrainTime(Duration.ofMillis(1))),
                keys,
                new PodInjector(settings, id -> policies.find(id)),
                () -> notReady,
                meters);
        server.start();
    }

    static Webhook start() throws IOException {
        return start(config -> config);
    }

    static Webhook start(UnaryOperator<WebhookConfig> config) throws IOException {
        return new Webhook(config);
    }

    private static KnownPolicy coder(PolicyId id) {
        PolicyDocument document =
                PolicyParser.parse("policy.yaml", """
                        apiVersion: sallyport.dev/v1alpha1
                        kind: EgressPolicy
                        metadata: {name: coder, namespace: agents}
                        spec: {hosts: []}
                        """).policies().get(0);
        return document.id().equals(Optional.of(id))
                ? new KnownPolicy.InForce(document.policy().orElseThrow(), true)
                : new KnownPolicy.Absent();
    }

    int port() {
        return server.port();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port());
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    HttpResponse<String> post(BodyPublisher body) {
        return send(HttpRequest.newBuilder(uri("/inject?timeout=5s"))
                .header("content-type", "application/json")
                .POST(body)
                .build());
    }

    HttpResponse<String> post(String body) {
        return post(BodyPublishers.ofString(body));
    }

    /** The {@code response} of the AdmissionReview that comes back. */
    JsonNode review(String body) {
        HttpResponse<String> answer = post(body);
        if (answer.statusCode() != 200) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
        return json(answer.body()).path("response");
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A connection inside TLS, on which nothing was sent. */
    RawConnection dial() throws IOException {
        return RawConnection.open(address()).startTls(TlsClient.trusting(pki.rootPem()));
    }

    URI uri(String path) {
        return URI.create("https://127.0.0.1:" + port() + path);
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    @Override
    public void close() {
        server.close();
        meters.close();
    }
}
