package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.within;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.testing.DnsServer;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.UpstreamRequest;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Names whose addresses change under a running sidecar. The resolver's answers are good for a second, which Envoy takes for five. */
@EndToEnd
class NameChangesTest {
    private static final String HOST = "moving.example.com";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DnsServer dns = Internet.get().dns();

    @Test
    @DisplayName(
            "FAULT-09 a name that does not resolve: 503; later it does: 200; later it leads to this machine: never there, and 503 address_not_public from a sidecar that knew no other address")
    void followsTheName() throws IOException {
        dns.remove(HOST);
        try (Machine machine = Machine.with(Machine.P + "  - host: " + HOST + "\n")) {
            App app = machine.app(machine.sidecar());

            HttpReply unknown = app.get(HOST, "/e");
            assertThat(unknown.status()).isEqualTo(503);
            assertThat(unknown.header("x-sallyport-reason")).isEmpty();

            dns.put(HOST, "203.0.113.10");
            within(PATIENCE, () -> assertThat(app.get(HOST, "/e").status()).isEqualTo(200));

            dns.put(HOST, "127.0.0.1");
            awaitTwoMoreQuestions();
            // It keeps to the last address that it may use.
            assertThat(app.get(HOST, "/e").status()).isEqualTo(200);
            assertThat(machine.app(machine.sidecar()).get(HOST, "/e").header("x-sallyport-reason"))
                    .contains("address_not_public");

            assertThat(Internet.get().upstream().requests())
                    .filteredOn(request -> request.authority().equals(HOST))
                    .isNotEmpty()
                    .noneMatch(NameChangesTest::isHere);
        } finally {
            dns.remove(HOST);
        }
    }

    /** Of two families each: the answer to the first of them was used by then. */
    private void awaitTwoMoreQuestions() {
        int before = dns.questions(HOST);
        within(PATIENCE, () -> assertThat(dns.questions(HOST)).isGreaterThanOrEqualTo(before + 4));
    }

    private static boolean isHere(UpstreamRequest request) {
        return request.connection().to().getAddress().isLoopbackAddress();
    }
}
