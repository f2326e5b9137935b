package dev.sallyport.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.testing.Eventually;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The server over real TLS: how it serves, renews and ends. */
class WebhookServerTest {
    private Webhook webhook;

    @BeforeEach
    void start() throws IOException {
        webhook = Webhook.start();
    }

    @AfterEach
    void close() {
        webhook.close();
    }

    private static JsonNode patch(JsonNode response) {
        return Webhook.json(
                new String(Base64.getDecoder().decode(response.path("patch").asText()), StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName("INJ-01 a Pod of a ReplicaSet is admitted with a patch")
    void answersWithAPatch() {
        JsonNode response = webhook.review(Reviews.create(Reviews.POD));
        assertThat(response.path("uid").asText()).isEqualTo("705ab4f5-6393-11e8-b7cc-42010a800002");
        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(response.path("patchType").asText()).isEqualTo("JSONPatch");
        assertThat(patch(response))
                .extracting(operation -> operation.path("path").asText())
                .containsExactly(
                        "/metadata/annotations",
                        "/spec/containers/0/env",
                        "/spec/containers/0/securityContext",
                        "/spec/containers/0/volumeMounts",
                        "/spec/initContainers",
                        "/spec/volumes");
        assertThat(webhook.meters
                        .counter("sallyport.admission.reviews", "dry_run", "false", "result", "patched")
                        .count())
                .isOne();
    }

    @Test
    @DisplayName("INJ-03 a Pod without the label is admitted without a patch")
    void answersWithoutAPatch() {
        JsonNode response = webhook.review(Reviews.create(Reviews.POD.replace("sallyport.dev/policy", "app")));
        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(response.has("patch")).isFalse();
        assertThat(response.has("patchType")).isFalse();
    }

    @Test
    @DisplayName("a refusal has the API server's code, and every reason with its field")
    void answersWithRefusals() {
        String pod = Reviews.POD.replace("\"containers\"", "\"hostNetwork\": true, \"hostPID\": true, \"containers\"");
        JsonNode response = webhook.review(Reviews.create(pod));
        assertThat(response.path("allowed").asBoolean()).isFalse();
        assertThat(response.at("/status/code").asInt()).isEqualTo(403);
        assertThat(response.at("/status/message").asText())
                .startsWith("2 reasons: (1) spec.hostNetwork: found true, ")
                .contains("; (2) spec.hostPID: found true, ");
    }

    @Test
    @DisplayName("TRUST-03 what a container sets itself comes back as a warning")
    void answersWithWarnings() {
        String pod = Reviews.POD.replace(
                "\"image\"", "\"env\": [{\"name\": \"SSL_CERT_FILE\", \"value\": \"/x\"}], \"image\"");
        assertThat(webhook.review(Reviews.create(pod)).path("warnings"))
                .singleElement()
                .extracting(JsonNode::asText)
                .asString()
                .startsWith("spec.containers[0].env: kept as it is: SSL_CERT_FILE;")
                .hasSizeLessThanOrEqualTo(256);
    }

    @Test
    @DisplayName("a dry run is answered as a real one, and counted apart")
    void answersDryRuns() {
        JsonNode response =
                webhook.review(Reviews.create(Reviews.POD).replace("\"dryRun\": false", "\"dryRun\": true"));
        assertThat(response.path("allowed").asBoolean()).isTrue();
        assertThat(response.has("patch")).isTrue();
        assertThat(webhook.meters
                        .counter("sallyport.admission.reviews", "dry_run", "true", "result", "patched")
                        .count())
                .isOne();
    }

    @Test
    @DisplayName("INJ-15 what cannot be decided yet is refused, for now, and readiness says why")
    void refusesBeforeThePoliciesAreThere() {
        webhook.notReady = Optional.of("the policies were not read yet");
        JsonNode response = webhook.review(Reviews.create(Reviews.POD));
        assertThat(response.path("allowed").asBoolean()).isFalse();
        assertThat(response.at("/status/code").asInt()).isEqualTo(503);
        assertThat(response.at("/status/message").asText())
                .isEqualTo("cannot decide yet, try again: the policies were not read yet");
        assertThat(webhook.get("/readyz").statusCode()).isEqualTo(503);
        assertThat(webhook.get("/readyz").body()).isEqualTo("the policies were not read yet\n");
        assertThat(webhook.get("/healthz").statusCode()).isEqualTo(200);
        webhook.notReady = Optional.empty();
        assertThat(webhook.get("/readyz").statusCode()).isEqualTo(200);
        assertThat(webhook.review(Reviews.create(Reviews.POD)).path("allowed").asBoolean())
                .isTrue();
    }

    @Test
    @DisplayName("a fault of ours admits nothing")
    void answersFaultsWithAnError() {
        webhook.policies = id -> {
            throw new IllegalStateException("a fault");
        };
        assertThat(webhook.post(Reviews.create(Reviews.POD)).statusCode()).isEqualTo(500);
        assertThat(webhook.post(Reviews.create(Reviews.POD)).body())
                .isEqualTo("internal error, see the injector's log\n");
    }

    @Test
    @DisplayName("many requests at once are each answered with their own uid")
    void answersManyAtOnce() throws IOException {
        webhook.close();
        webhook = Webhook.start(config -> config.withRequestTime(Duration.ofMinutes(1)));
        List<CompletableFuture<String>> answers = IntStream.range(0, 50)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> webhook.review(
                                Reviews.create(Reviews.POD).replace("42010a800002", "%012d".formatted(i)))
                        .path("uid")
                        .asText()))
                .toList();
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).join()).endsWith("%012d".formatted(i));
        }
    }

    @Test
    @DisplayName("CERT-14 a renewed certificate is shown to new connections, and open ones go on")
    void renewsItsCertificateInPlace() throws Exception {
        try (RawConnection before = webhook.dial()) {
            assertThat(before.serverCertificates()[0])
                    .isEqualTo(webhook.keys.current().certificate());
            webhook.keys.renew();
            try (RawConnection after = webhook.dial()) {
                assertThat(after.serverCertificates()[0])
                        .isEqualTo(webhook.keys.current().certificate())
                        .isNotEqualTo(before.serverCertificates()[0]);
            }
            assertThat(before.request("GET /healthz HTTP/1.1", "host: webhook")
                            .reply()
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    @DisplayName("before it ends it says so, and answers what has come")
    void endsInOrder() throws Exception {
        try (Webhook ending = Webhook.start(config -> config.withDrainTime(Duration.ofSeconds(1)));
                RawConnection begun = ending.dial()) {
            String body = Reviews.create(Reviews.POD);
            InetSocketAddress address = ending.address();
            begun.request(
                            "POST /inject HTTP/1.1",
                            "host: webhook",
                            "content-type: application/json",
                            "content-length: " + body.length())
                    .send(body.substring(0, 100));
            CompletableFuture<Void> end = CompletableFuture.runAsync(ending::close);
            Eventually.eventually(() -> assertThat(ending.get("/readyz").body()).isEqualTo("it is ending\n"));
            assertThat(ending.review(body).path("allowed").asBoolean()).isTrue();
            assertThat(begun.send(body.substring(100)).reply().status()).isEqualTo(200);
            end.join();
            assertThatThrownBy(() -> RawConnection.open(address)).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    @DisplayName("what is no TLS, and what begins it and stops, hurts nobody else")
    void survivesBadClients() throws Exception {
        List<RawConnection> silent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            silent.add(RawConnection.open(webhook.address()));
        }
        try (RawConnection plain = RawConnection.open(webhook.address())) {
            plain.request("POST /inject HTTP/1.1", "host: webhook");
            assertThat(plain.reply()).isEqualTo(HttpReply.CLOSED);
        } catch (IOException e) {
            assertThat(e).hasMessageNotContaining("timed out");
        }
        assertThat(webhook.review(Reviews.create(Reviews.POD)).path("allowed").asBoolean())
                .isTrue();
        for (RawConnection connection : silent) {
            connection.close();
        }
    }
}
