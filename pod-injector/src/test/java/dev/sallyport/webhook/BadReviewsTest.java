package dev.sallyport.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.RawConnection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is no request of an API server: refused or 4xx, and the next one is answered. */
class BadReviewsTest {
    private static final int MEBI = 1 << 20;
    private static Webhook webhook;

    @BeforeAll
    static void start() throws IOException {
        webhook = Webhook.start();
    }

    @AfterAll
    static void close() {
        webhook.close();
    }

    @AfterEach
    void stillAnswers() {
        assertThat(webhook.review(Reviews.create(Reviews.POD)).path("allowed").asBoolean())
                .isTrue();
    }

    static Stream<Arguments> malformed() {
        String good = Reviews.create(Reviews.POD);
        return Stream.of(
                Arguments.of("", "apiVersion: found \"\", expected admission.k8s.io/v1"),
                Arguments.of("hello", "not the JSON of one AdmissionReview: Unrecognized token"),
                Arguments.of("[]", "apiVersion: found \"\""),
                Arguments.of("{}", "apiVersion: found \"\""),
                Arguments.of(good.substring(0, 200), "not the JSON of one AdmissionReview: Unexpected end"),
                Arguments.of(good + "{}", "not the JSON of one AdmissionReview: Trailing token"),
                Arguments.of(
                        good.replace("admission.k8s.io/v1", "admission.k8s.io/v1beta1"),
                        "apiVersion: found \"admission.k8s.io/v1beta1\", expected admission.k8s.io/v1"),
                Arguments.of(
                        good.replace("\"kind\": \"AdmissionReview\"", "\"kind\": \"ConversionReview\""),
                        "kind: found \"ConversionReview\", expected AdmissionReview"),
                Arguments.of(
                        "{\"kind\": \"AdmissionReview\", \"apiVersion\": \"admission.k8s.io/v1\"}",
                        "request: missing, expected an object"),
                Arguments.of(
                        good.replace("\"uid\": \"705ab4f5-6393-11e8-b7cc-42010a800002\",", ""),
                        "request.uid: missing, expected a string"),
                Arguments.of(
                        good.replace("\"hostname\"", "").replace("\"spec\":", "\"spec\": {}, \"spec\":"),
                        "not the JSON of one AdmissionReview: Duplicate field 'spec'"),
                Arguments.of(
                        good.replace(
                                "\"image\"", "\"deep\": " + "[".repeat(10_000) + "]".repeat(10_000) + ", \"image\""),
                        "not the JSON of one AdmissionReview: Document nesting depth"),
                Arguments.of(
                        good.replace("\"image\"", "\"many\": [" + "{},".repeat(700_000) + "{}], \"image\""),
                        "not the JSON of one AdmissionReview: "));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    @DisplayName("what is no AdmissionReview of version 1 is answered 400, and why")
    void answers400(String body, String message) {
        HttpResponse<String> answer = webhook.post(body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).startsWith(message).hasSizeLessThan(500);
    }

    static Stream<Arguments> misdirected() {
        return Stream.of(
                Arguments.of(
                        Reviews.of("UPDATE", Reviews.POD, ""), "request.operation: found \"UPDATE\", expected CREATE"),
                Arguments.of(Reviews.of("DELETE", "null", ""), "request.operation: found \"DELETE\", expected CREATE"),
                Arguments.of(
                        Reviews.of("CREATE", Reviews.POD, "\"subResource\": \"ephemeralcontainers\","),
                        "request.resource: found \"v1/pods/ephemeralcontainers\", expected v1/pods"),
                Arguments.of(
                        Reviews.create(Reviews.POD).replace("\"resource\": \"pods\"", "\"resource\": \"services\""),
                        "request.resource: found \"v1/services\", expected v1/pods"),
                Arguments.of(
                        Reviews.create(Reviews.POD.replace("\"Pod\"", "\"Service\"")),
                        "request.object.kind: found \"Service\", expected a Pod of v1"),
                Arguments.of(Reviews.create("null"), "request.object.kind: found \"\", expected a Pod of v1"),
                Arguments.of(
                        Reviews.create(Reviews.POD)
                                .replaceFirst("\"namespace\": \"agents\", *\n *\"operation", "\"operation"),
                        "request.namespace: found \"\", expected the namespace of the Pod"));
    }

    @ParameterizedTest
    @MethodSource("misdirected")
    @DisplayName("requests that this webhook is not for are refused, and say what is set up wrong")
    void refusesWhatItIsNotFor(String body, String message) {
        JsonNode response = webhook.review(body);
        assertThat(response.path("uid").asText()).isEqualTo("705ab4f5-6393-11e8-b7cc-42010a800002");
        assertThat(response.path("allowed").asBoolean(true)).isFalse();
        assertThat(response.at("/status/code").asInt()).isEqualTo(400);
        assertThat(response.at("/status/message").asText())
                .isEqualTo(message
                        + ": this webhook is for the creation of Pods alone, look at its MutatingWebhookConfiguration");
    }

    @Test
    @DisplayName("10 MiB are answered 413, announced or not")
    void answers413() throws Exception {
        byte[] body = Reviews.create(Reviews.POD.replace("app:1", "a".repeat(10 * MEBI)))
                .getBytes(StandardCharsets.UTF_8);
        try (RawConnection announced = webhook.dial()) {
            HttpReply reply = announced
                    .request(
                            "POST /inject HTTP/1.1",
                            "host: webhook",
                            "content-type: application/json",
                            "content-length: " + body.length)
                    .reply();
            assertThat(reply.status()).isEqualTo(413);
            assertThat(reply.body()).isEqualTo("the request has more than 3145728 bytes\n");
        }
        try (RawConnection chunked = webhook.dial()) {
            chunked.request(
                            "POST /inject HTTP/1.1",
                            "host: webhook",
                            "content-type: application/json",
                            "transfer-encoding: chunked")
                    .send("%x\r\n".formatted(4 * MEBI));
            chunked.send(Arrays.copyOf(body, 3 * MEBI + 1));
            assertThat(chunked.reply().status()).isEqualTo(413);
        }
        HttpResponse<String> under = webhook.post(BodyPublishers.ofInputStream(() ->
                new ByteArrayInputStream(Reviews.create(Reviews.POD.replace("app:1", "a".repeat(2 * MEBI)))
                        .getBytes(StandardCharsets.UTF_8))));
        assertThat(under.statusCode()).isEqualTo(200);
    }

    @Test
    @DisplayName("10,000 containers are refused in a few words")
    void refusesThousandsOfContainers() {
        String container = "{\"name\": \"sallyport\", \"image\": \"a\", \"securityContext\": {\"privileged\": true}}";
        String pod = Reviews.POD.replace(
                "{\"name\": \"app\", \"image\": \"app:1\"}", String.join(",", Collections.nCopies(10_000, container)));
        JsonNode response = webhook.review(Reviews.create(pod));
        assertThat(response.path("allowed").asBoolean(true)).isFalse();
        assertThat(response.at("/status/message").asText())
                .startsWith("10000 reasons: (1) spec.containers[0].name: found sallyport")
                .hasSizeLessThanOrEqualTo(4_000);
    }

    @Test
    @DisplayName("a request that does not come is answered 408, and costs nobody else their answer")
    void answers408() throws Exception {
        try (Webhook hasty = Webhook.start(config -> config.withRequestTime(Duration.ofMillis(300)));
                RawConnection slow = hasty.dial()) {
            slow.request(
                            "POST /inject HTTP/1.1",
                            "host: webhook",
                            "content-type: application/json",
                            "content-length: 1000")
                    .send("{");
            HttpReply reply = slow.reply();
            assertThat(reply.status()).isEqualTo(408);
            assertThat(reply.body()).isEqualTo("the request did not come within PT0.3S\n");
            assertThat(slow.isClosedByPeer()).isTrue();
            assertThat(hasty.review(Reviews.create(Reviews.POD)).path("allowed").asBoolean())
                    .isTrue();
        }
    }

    @Test
    @DisplayName("more slow requests than are worked on at once go away by themselves")
    void outlivesSlowRequests() throws Exception {
        try (Webhook hasty = Webhook.start(config -> config.withRequestTime(Duration.ofMillis(300)))) {
            RawConnection[] slow = new RawConnection[20];
            for (int i = 0; i < slow.length; i++) {
                slow[i] = hasty.dial();
                slow[i].request(
                        "POST /inject HTTP/1.1",
                        "host: webhook",
                        "content-type: application/json",
                        "content-length: 1000");
            }
            for (RawConnection one : slow) {
                assertThat(one.reply().status()).isIn(408, 503);
                one.close();
            }
            assertThat(hasty.review(Reviews.create(Reviews.POD)).path("allowed").asBoolean())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /inject, application/json, 405",
        "PUT, /inject, application/json, 405",
        "POST, /inject, text/plain, 415",
        "POST, /inject, application/jsonx, 415",
        "POST, /, application/json, 404",
        "POST, /inject/x, application/json, 404",
        "GET, /metrics, application/json, 404",
    })
    @DisplayName("other methods, types and paths are answered as HTTP has it")
    void answersOtherRequests(String method, String path, String type, int status) {
        HttpResponse<String> answer = webhook.send(HttpRequest.newBuilder(webhook.uri(path))
                .header("content-type", type)
                .method(method, BodyPublishers.ofString(Reviews.create(Reviews.POD)))
                .build());
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("server")).isEmpty();
    }

    @Test
    @DisplayName("a type with a character set is JSON too")
    void takesACharacterSet() {
        assertThat(webhook.send(HttpRequest.newBuilder(webhook.uri("/inject"))
                                .header("content-type", "application/json; charset=utf-8")
                                .POST(BodyPublishers.ofString(Reviews.create(Reviews.POD)))
                                .build())
                        .statusCode())
                .isEqualTo(200);
    }
}
