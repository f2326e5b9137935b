package dev.sallyport.e2e;

import static dev.sallyport.testing.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.bootstrap.EnvoyBinary;
import dev.sallyport.testing.Envoys;
import dev.sallyport.testing.HttpReply;
import dev.sallyport.xds.SidecarStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sidecars of every supported version on one control plane at once. */
@EndToEnd
@Tag(EndToEnd.ONE_ENVOY)
class TwoVersionsTest {
    private final Machine machine = Machine.with(Machine.P);

    @AfterEach
    void stop() throws IOException {
        machine.close();
    }

    /** What becomes of requests that the policy decides in different ways, as an app sees it. */
    private static List<String> verdicts(App app) {
        List<String> verdicts = new ArrayList<>();
        for (String target : List.of(
                "api.example.com:443",
                "api.example.com:8443",
                "api.example.com:80",
                "pin.example.com:443",
                "a.wild.example.com:443",
                "bad.wild.example.com:443",
                "c.example.com:443")) {
            HttpReply reply = app.connect(target);
            verdicts.add(target + " " + reply.status() + " " + reply.header("x-sallyport-reason"));
        }
        HttpReply inside = app.get("api.example.com", "/e");
        verdicts.add("inside " + inside.status() + " " + inside.body().contains("x-api-key: " + Machine.KEY));
        HttpReply trace = app.send("api.example.com", "TRACE / HTTP/1.1", "Host: api.example.com", "Connection: close");
        verdicts.add("TRACE " + trace.status());
        HttpReply other = app.send("api.example.com", "GET / HTTP/1.1", "Host: b.example.com", "Connection: close");
        verdicts.add("other host " + other.status());
        return verdicts;
    }

    @Test
    @DisplayName(
            "FAULT-10 sidecars of two versions at once, which refuse fields that they do not know: both are current, rejected nothing, and enforce the same, also after a change")
    void programsBothVersions() throws Exception {
        List<TestSidecar> sidecars = new ArrayList<>();
        for (EnvoyBinary envoy : Envoys.all()) {
            sidecars.add(machine.startSidecar(Machine.AGENTS_P, envoy).awaitReady());
        }
        eventually(() -> assertThat(machine.controlPlane().sidecars())
                .hasSize(Envoys.all().size())
                .allMatch(SidecarStatus::isCurrent));
        assertThat(machine.controlPlane().sidecars())
                .extracting(status -> status.envoy().orElseThrow().toString())
                .containsExactlyInAnyOrder("1.40.0", "1.39.3");
        List<App> apps = sidecars.stream().map(machine::app).toList();
        assertThat(verdicts(apps.get(0)))
                .isEqualTo(verdicts(apps.get(1)))
                .contains("inside 200 true", "TRACE 405", "other host 421");

        machine.policies(Machine.P + "  - host: c.example.com\n");
        for (App app : apps) {
            eventually(
                    () -> assertThat(app.connect("c.example.com:443").status()).isEqualTo(200));
        }

        eventually(() -> assertThat(machine.controlPlane().sidecars()).allMatch(SidecarStatus::isCurrent));
        assertThat(verdicts(apps.get(0))).isEqualTo(verdicts(apps.get(1)));
        assertThat(sidecars).allSatisfy(sidecar -> assertThat(sidecar.errors()).isEmpty());
    }
}
