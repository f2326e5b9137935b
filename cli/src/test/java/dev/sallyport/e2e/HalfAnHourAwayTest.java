package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.snapshot.ResourceType;
import dev.sallyport.testing.RawConnection;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A control plane that is away for longer than a test can wait: its clock is behind until it comes back. */
@EndToEnd
class HalfAnHourAwayTest {
    private static final Duration OUTAGE = Duration.ofMinutes(30);

    /** Behind at first: Envoy has a clock of its own, and takes no certificate from the future. */
    private final MovableClock clock = new MovableClock(Clock.offset(Clock.systemUTC(), OUTAGE.negated()));

    private final Machine machine = Machine.with(Machine.P, clock);

    @AfterEach
    void stop() throws IOException {
        machine.close();
    }

    @Test
    @DisplayName(
            "FAULT-01 a control plane that is away for 30 min, default leafTtl: leaves outlive it many times, the stream is back, only what became due meanwhile is sent")
    void survivesHalfAnHour() throws Exception {
        TestSidecar sidecar = machine.sidecar();
        App app = machine.app(sidecar);
        try (Load load = Load.start(2, app, "api.example.com")) {
            load.awaitMore(10);
            assertThat(leaf(app).getNotAfter().toInstant())
                    .as("a leaf that is due for renewal has a third of its 24 h left")
                    .isAfter(Instant.now().plus(OUTAGE.multipliedBy(15)));
            machine.stopControlPlane();
            load.awaitMore(10);

            clock.forward(OUTAGE);
            machine.startControlPlane();
            eventually(() -> assertThat(machine.controlPlane().sidecars()).hasSize(1));
            machine.awaitCurrent();
            load.awaitMore(10);

            assertThat(machine.sent(ResourceType.CLUSTER)).isZero();
            assertThat(machine.sent(ResourceType.LISTENER)).isZero();
            assertThat(machine.sent(ResourceType.ROUTE)).isZero();
            // A slot of 16 h ends within any half hour for one leaf in 32.
            assertThat(machine.sent(ResourceType.SECRET)).isEqualTo(machine.certificatesIssued());
            assertThat(load.failures()).isEmpty();
            assertThat(load.connections()).isEqualTo(2);
        }
    }

    private static X509Certificate leaf(App app) throws IOException {
        try (RawConnection connection = app.tls("api.example.com")) {
            return (X509Certificate) connection.serverCertificates()[0];
        }
    }
}
