package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.e2e.Case.Answered;
import dev.sallyport.e2e.Case.AnsweredAfterSending;
import dev.sallyport.e2e.Case.Closed;
import dev.sallyport.e2e.Case.FailedHandshake;
import dev.sallyport.e2e.Case.Refused;
import dev.sallyport.e2e.Case.Relayed;
import dev.sallyport.e2e.Case.Served;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.Upstream;
import dev.sallyport.testing.UpstreamRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Looks at all that a case leaves behind: the answer, the log of the sidecar, and what the upstreams saw. */
final class Verdicts {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicInteger MARKERS = new AtomicInteger();

    private final String policy;
    private final App app;
    private final TestSidecar sidecar;
    private final Upstream upstream = Internet.get().upstream();

    Verdicts(String policy, App app, TestSidecar sidecar) {
        this.policy = policy;
        this.app = app;
        this.sidecar = sidecar;
        sidecar.newLogLines();
    }

    /** Does what the case says, one at a time. */
    void check(Case one) throws IOException {
        String marker = String.valueOf(MARKERS.incrementAndGet());
        long bytes = upstream.bytes();
        int requests = upstream.requests().size();
        int connections = upstream.connections().size();

        HttpReply reply = one.action().run(app, "x-case: " + marker);

        List<AccessLogLine> lines = linesOfOneCase();
        if (one.expectation() instanceof Served served) {
            served(served, reply, upstream.requests("x-case", marker));
            // A passthrough connection has a line, and not the requests in it.
            assertThat(lines)
                    .singleElement()
                    .satisfies(line -> logged(line, "allow", null, line.text("method") == null ? 0 : 200));
        } else if (one.expectation() instanceof Relayed relayed) {
            assertThat(reply.status()).isEqualTo(relayed.status());
            assertThat(reply.header("x-sallyport-reason")).isEmpty();
            assertThat(upstream.requests("x-case", marker)).hasSize(1);
            assertThat(lines).singleElement().satisfies(line -> logged(line, "allow", null, relayed.status()));
        } else if (one.expectation() instanceof AnsweredAfterSending answered) {
            assertThat(reply.status()).as("%s", reply).isEqualTo(answered.status());
            assertThat(reply.header("x-sallyport-reason")).isEmpty();
            assertThat(lines).singleElement().satisfies(line -> logged(line, "allow", null, answered.status()));
        } else {
            nothingServed(one, reply, lines);
            assertThat(upstream.requests()).as("requests that came upstream").hasSize(requests);
            assertThat(upstream.bytes()).as("bytes that came upstream").isEqualTo(bytes);
            if (isDecidedBeforeDialling(one)) {
                assertThat(upstream.connections())
                        .as("connections that came upstream")
                        .hasSize(connections);
            }
        }
        assertThat(sidecar.errors()).as("what Envoy complained about").isEmpty();
    }

    /** 5xx says what dialling led to. */
    private static boolean isDecidedBeforeDialling(Case one) {
        return one.expectation() instanceof Closed
                || one.expectation() instanceof Refused refused && refused.status() < 500;
    }

    /** A connection that is passed through has its line when both sides have closed it, which may be after the answer. */
    private List<AccessLogLine> linesOfOneCase() {
        List<AccessLogLine> lines = new ArrayList<>();
        eventually(() -> {
            lines.addAll(sidecar.newLogLines());
            assertThat(lines).isNotEmpty();
        });
        lines.addAll(sidecar.newLogLines());
        return lines;
    }

    private static void served(Served expected, HttpReply reply, List<UpstreamRequest> came) {
        assertThat(reply.status()).as("%s", reply).isEqualTo(200);
        assertThat(came).hasSize(1);
        expected.checks().forEach(check -> check.accept(came.get(0)));
        expected.reply().accept(reply);
    }

    private void nothingServed(Case one, HttpReply reply, List<AccessLogLine> lines) {
        if (one.expectation() instanceof Refused refused) {
            refusedBySidecar(refused, reply);
            assertThat(lines).singleElement().satisfies(line -> logged(line, null, refused.reason(), refused.status()));
        } else if (one.expectation() instanceof Answered answered) {
            assertThat(reply.status()).as("%s", reply).isEqualTo(answered.status());
            assertThat(reply.header("x-sallyport-reason")).isEmpty();
            assertThat(lines).singleElement().satisfies(line -> logged(line, null, null, answered.status()));
        } else if (one.expectation() instanceof FailedHandshake) {
            // An alert is not an answer.
            assertThat(lines).singleElement().satisfies(line -> logged(line, null, "tls_failure", 0));
        } else if (one.expectation() instanceof Closed closed) {
            assertThat(reply).isEqualTo(HttpReply.CLOSED);
            assertThat(lines).singleElement().satisfies(line -> logged(line, null, closed.reason(), 0));
        }
    }

    private void refusedBySidecar(Refused expected, HttpReply reply) {
        assertThat(reply.status()).as("%s", reply).isEqualTo(expected.status());
        assertThat(reply.header("x-sallyport-reason")).contains(expected.reason());
        assertThat(reply.header("x-sallyport-policy")).contains(policy);
        assertThat(reply.header("content-type")).contains("application/json");
        JsonNode body = json(reply.body());
        assertThat(body.path("error").asText()).isEqualTo("egress_denied");
        assertThat(body.path("reason").asText()).isEqualTo(expected.reason());
        assertThat(body.path("policy").asText()).isEqualTo(policy);
        assertThat(body.has("host")).isTrue();
        assertThat(body.path("hint").asText()).isNotBlank();
        assertThat(body.size()).isEqualTo(5);
    }

    private void logged(AccessLogLine line, @Nullable String verdict, @Nullable String reason, int status) {
        assertThat(line.reason()).as("reason in %s", line).isEqualTo(reason);
        assertThat(line.status()).as("status in %s", line).isEqualTo(status);
        assertThat(line.text("policy")).isEqualTo(policy);
        if (verdict != null) {
            assertThat(line.text("verdict")).isEqualTo(verdict);
        }
    }

    private static JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + body, e);
        }
    }
}
